import type { Curve } from '../../domain/chain/curve.ts'
import { type Network as ChainNetwork, networkNamed } from '../../domain/chain/network.ts'
import { Chain } from './chain.ts'
import { ChainLine } from './chain-view.ts'
import { knowingCurve } from './curve.ts'
import { Dice } from './dice.ts'
import { Disk } from './disk.ts'
import { Driver } from './driver.ts'
import { hostilityFor } from './hostile.ts'
import { keysOf } from './keys.ts'
import { MachineHost } from './machines.ts'
import { Network } from './network.ts'
import { SimNode } from './node.ts'
import type { NodeName, Plan } from './plan.ts'
import { Timeline } from './timeline.ts'
import { Trace } from './trace.ts'
import { begin } from './troubles.ts'
import { Truth } from './truth.ts'
import { type Check, Violation } from './violation.ts'

/** As `xencoin-dev`, but coins are ripe sooner and blocks are slower: each costs every node work. */
export const NETWORK: ChainNetwork = { ...networkNamed('xencoin-dev'), coinbaseMaturity: 2, spacingS: 10 }
/** Each publisher begins with so many coins of this size, sats. */
const COINS = 6
export const COIN_SATS = 1_000_000n
/** How often what needs no event to go wrong is checked, ms. */
const LOOK_MS = 250
/** After the plan's minutes everything has to come to its end within so much more time. */
const WIND_DOWN_MS = 20 * 60_000
/** When all is over, the newest block has so long to reach every wallet, ms. */
const LAST_WORDS_MS = 3_000
/** Blocks come so often while a world winds down, */
const LAST_SPACING_MS = 1_500
/** and so often when that has taken so long already: what is left waits for expiry heights, which are far. */
const WAITING_SPACING_MS = 300
const WAITING_AFTER_MS = 30_000
/** And so many at once, when it is only publishers who wait. */
const BLOCKS_AT_ONCE = 5

export type WorldOptions = { readonly checks: readonly Check[]; readonly prepare?: (world: World) => void }

/** What a world came to. */
export type Outcome = {
  readonly violation: Violation | undefined
  readonly hash: string
  readonly leases: number
  readonly served: number
  readonly events: number
  readonly simulatedMs: number
}

/** Everything there is: hosts, the network between them, the chain, time. */
export class World {
  readonly plan: Plan
  readonly dice: Dice
  readonly timeline: Timeline
  readonly network: Network
  readonly chain: Chain
  readonly trace = new Trace()
  readonly truth = new Truth()
  readonly nodes = new Map<NodeName, SimNode>()
  readonly disks = new Map<NodeName, Disk>()
  readonly lines = new Map<NodeName, ChainLine>()
  readonly driver: Driver
  violation: Violation | undefined
  /** No trouble any more: what was begun comes to its end. */
  windingDown = false
  readonly #checks: readonly Check[]
  readonly #curve: Curve
  #mining = true

  constructor(plan: Plan, { checks, prepare }: WorldOptions) {
    this.plan = plan
    this.dice = new Dice(`world ${plan.seed}`)
    this.timeline = new Timeline(this.dice.fork('time'))
    this.network = new Network(this.timeline, this.dice.fork('network'))
    this.#curve = knowingCurve()
    this.chain = new Chain(NETWORK, this.#curve, () => 1_800_000_000 + Math.floor(this.timeline.nowUs / 1e6))
    this.#checks = checks
    this.network.tell = (from, to, frames) => {
      for (const frame of frames) this.trace.add(this.timeline.nowUs, from, `→ ${to} ${Buffer.from(frame).toString()}`)
    }
    for (let i = 0; i < plan.publishers; i++) this.#make(`publisher-${i}`, 10 + i)
    for (let i = 0; i < plan.providers; i++) this.#make(`provider-${i}`, 100 + i)
    this.driver = new Driver(this)
    this.#fund()
    prepare?.(this)
  }

  get nowMs(): number {
    return this.timeline.nowUs / 1_000
  }

  node(name: NodeName): SimNode {
    return this.nodes.get(name)!
  }

  say(node: string, text: string): void {
    this.trace.add(this.timeline.nowUs, node, text)
  }

  async run(): Promise<Outcome> {
    const rejected = (error: unknown) => this.#fail(new Violation('nobody-rejects-unheard', String(error)))
    process.on('unhandledRejection', rejected)
    try {
      for (const node of this.nodes.values()) node.start()
      this.#mineOn()
      this.#lookOn()
      begin(this)
      this.driver.begin()
      const failed = () => this.violation !== undefined
      const untilUs = this.plan.minutes * 60e6
      if (!(await this.timeline.run(untilUs, failed))) {
        this.#windDown()
        const over = () => failed() || (this.timeline.events % 64 === 0 && this.driver.isOver())
        await this.timeline.run(untilUs + WIND_DOWN_MS * 1_000, over)
      }
      if (!failed()) await this.#close()
    } finally {
      process.off('unhandledRejection', rejected)
    }
    const accounts = [...this.truth.all()]
    const served = accounts.filter(({ node, lease }) => node.startsWith('provider') && lease.context.tick > 0).length
    return {
      violation: this.violation,
      hash: this.trace.digest(),
      leases: accounts.filter(({ node }) => node.startsWith('provider')).length,
      served,
      events: this.timeline.events,
      simulatedMs: this.nowMs,
    }
  }

  #make(name: NodeName, number: number): void {
    const { timeline, dice, network, chain } = this
    const disk = new Disk(timeline, dice.fork(`disk ${name}`), (written) => {
      for (const { stream, facts } of written.appends)
        for (const { text } of facts) this.say(name, `| ${stream} ${text}`)
      const about = this.truth.take(name, written, timeline.nowUs)
      for (const { account, fact } of about)
        if (fact.type === 'lease.ended') node.world.machines?.serve(account.leaseId, false)
      this.#check((check) => {
        for (const one of about) check.atWrite?.(this, one)
      })
    })
    const line = new ChainLine(chain, timeline, dice.fork(`line ${name}`))
    const keys = keysOf(name)
    const machines = name.startsWith('provider') ? new MachineHost(timeline, dice.fork(`machines ${name}`)) : undefined
    const { truth } = this
    const hostile = hostilityFor(this.plan, name, { keys, curve: this.#curve, truth, chain, timeline })
    const node = new SimNode(name, `10.0.0.${number}`, {
      timeline,
      dice: dice.fork(name),
      network: NETWORK,
      curve: this.#curve,
      keys,
      disk,
      machines,
      engine: (life) => line.engine(life, hostile?.given),
      peers: (life) => network.peers(life, hostile?.twist),
      said: (level, text) => {
        this.say(name, `${level}: ${text}`)
        this.#check((check) => check.atSaid?.(this, name, level, text))
      },
    })
    this.nodes.set(name, node)
    this.disks.set(name, disk)
    this.lines.set(name, line)
  }

  /** The publishers' coins, in a block that is deep enough. */
  #fund(): void {
    const rewards = [...this.nodes.keys()]
      .filter((name) => name.startsWith('publisher'))
      .flatMap((name) =>
        Array.from({ length: COINS }, () => ({ value: COIN_SATS, script: keysOf(name).receive(0).script })),
      )
    this.chain.mine(rewards)
    for (let i = 0; i < NETWORK.coinbaseMaturity; i++) this.chain.mine()
    this.chain.changed = () => this.#check((check) => check.atBlock?.(this))
  }

  #mineOn(): void {
    const dice = this.dice.fork('miner')
    const next = (): void => {
      const isWaiting = this.nowMs > this.plan.minutes * 60_000 + WAITING_AFTER_MS
      const lastMs = isWaiting ? WAITING_SPACING_MS : LAST_SPACING_MS
      const waitMs = this.windingDown ? lastMs : dice.around(NETWORK.spacingS * 1_000)
      this.timeline.after(waitMs, () => {
        if (!this.#mining) return
        for (let left = isWaiting && this.driver.onlyRefundsAreLeft() ? BLOCKS_AT_ONCE : 1; left > 0; left--) {
          this.chain.mine()
          this.say('chain', `block ${this.chain.tip.height}`)
        }
        next()
      })
    }
    next()
  }

  #lookOn(): void {
    this.timeline.after(LOOK_MS, () => {
      this.#check((check) => check.atLook?.(this))
      this.#lookOn()
    })
  }

  #windDown(): void {
    this.windingDown = true
    this.say('world', 'winds down')
    this.network.heal()
    this.chain.goingRate = 1
    for (const line of this.lines.values()) line.heal()
    for (const disk of this.disks.values()) Object.assign(disk, { full: false, slowerMs: 0 })
    for (const node of this.nodes.values()) {
      node.world.machines?.heal()
      if (!node.up) node.start()
    }
  }

  /** Lets what is on its way arrive, and looks at what is left. */
  async #close(): Promise<void> {
    this.#mining = false
    await this.timeline.run(this.timeline.nowUs + LAST_WORDS_MS * 1_000, () => this.violation !== undefined)
    for (const check of this.#checks) {
      if (this.violation !== undefined) return
      try {
        await check.atEnd?.(this)
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        this.#fail(error)
      }
    }
  }

  #check(run: (check: Check) => void): void {
    if (this.violation !== undefined) return
    for (const check of this.#checks) {
      try {
        run(check)
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        this.#fail(error)
        return
      }
    }
  }

  #fail(violation: Violation): void {
    this.say('world', `VIOLATION ${violation.check}: ${violation.message}`)
    this.violation ??= violation
  }
}
