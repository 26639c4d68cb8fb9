import type { NodeName, Trouble } from './plan.ts'
import type { World } from './world.ts'

/** Lets the troubles of a plan come over a world, each in its time. */
export const begin = (world: World): void => {
  for (const trouble of world.plan.troubles) {
    if (trouble.kind === 'kill-at-write') killAtWrite(world, trouble)
    else if (trouble.kind === 'chain-away-at') chainAwayAt(world, trouble)
    else world.timeline.after(trouble.atMs, () => strike(world, trouble))
  }
}

/** How long after the unit was given to the disk at the most, ms: it may be there by then, acknowledged or not, or not. */
const WITHIN_MS = 3

const killAtWrite = (world: World, trouble: Extract<Trouble, { kind: 'kill-at-write' }>): void => {
  const disk = world.disks.get(trouble.node)!
  const before = disk.begun
  disk.begun = (count) => {
    before(count)
    if (count !== trouble.write) return
    world.timeline.after(world.dice.float() * WITHIN_MS, () => {
      if (!world.windingDown) kill(world, trouble.node, trouble.downMs)
    })
  }
}

/** The first time: what comes with the message has to be given to the chain then. */
const chainAwayAt = (world: World, { node, message, forMs }: Extract<Trouble, { kind: 'chain-away-at' }>): void => {
  const { network } = world
  const { tell } = network
  let begun = false
  network.tell = (from, to, frames) => {
    tell(from, to, frames)
    if (begun || to !== node || world.windingDown) return
    begun = frames.some((frame) => Buffer.from(frame).includes(`"type":"${message}"`))
    if (begun) world.lines.get(node)!.cut(forMs)
  }
}

const strike = (world: World, trouble: Exclude<Trouble, { kind: 'kill-at-write' | 'chain-away-at' }>): void => {
  if (world.windingDown) return
  const { timeline, network, chain } = world
  world.say('world', JSON.stringify(trouble))
  switch (trouble.kind) {
    case 'kill':
      kill(world, trouble.node, trouble.downMs)
      return
    case 'stall':
      world.node(trouble.node).life?.stall(trouble.forMs)
      return
    case 'partition':
      network.partition(trouble.pair, trouble.forMs)
      return
    case 'cut':
      network.cut(trouble.pair)
      return
    case 'flip':
      network.flip(trouble.pair, trouble.forMs)
      return
    case 'slow-network':
      network.slowerMs += trouble.byMs
      timeline.after(trouble.forMs, () => {
        network.slowerMs = Math.max(0, network.slowerMs - trouble.byMs)
      })
      return
    case 'disk-full': {
      const disk = world.disks.get(trouble.node)!
      disk.full = true
      timeline.after(trouble.forMs, () => {
        disk.full = false
      })
      return
    }
    case 'disk-slow': {
      const disk = world.disks.get(trouble.node)!
      disk.slowerMs += trouble.byMs
      timeline.after(trouble.forMs, () => {
        disk.slowerMs = Math.max(0, disk.slowerMs - trouble.byMs)
      })
      return
    }
    case 'chain-away':
      world.lines.get(trouble.node)!.cut(trouble.forMs)
      return
    case 'reorganise': {
      const dice = world.dice.fork(`reorganise ${trouble.atMs}`)
      chain.reorganise(trouble.depth, () => dice.chance(trouble.losesPercent / 100))
      return
    }
    case 'fees':
      chain.goingRate = trouble.rate
      timeline.after(trouble.forMs, () => {
        chain.goingRate = 1
      })
      return
    case 'forget':
      chain.forget(trouble.count)
      return
    case 'machines':
      world.node(trouble.node).world.machines?.strike(trouble.what)
      return
    case 'driver-hangs':
      world.node(trouble.node).world.machines?.hang(trouble.forMs)
      return
    case 'clock':
      world.node(trouble.node).host.wallAheadMs += trouble.byMs
      return
  }
}

const kill = (world: World, name: NodeName, downMs: number): void => {
  const node = world.node(name)
  if (!node.up) return
  world.say(name, 'killed')
  node.kill()
  world.timeline.after(downMs, () => {
    if (!node.up) node.start()
  })
}
