import { toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Network as ChainNetwork } from '../../domain/chain/network.ts'
import type { ChainEngine } from '../../src/chain/port.ts'
import { FACT_FORM } from '../../src/journal/fact-form.ts'
import { journalOf } from '../../src/journal/journal-of.ts'
import type { Log } from '../../src/log/port.ts'
import type { Seeker } from '../../src/market/seeker.ts'
import { openFollowing } from '../../src/node/following.ts'
import { type Hands, handsOn } from '../../src/node/hands.ts'
import { checkLogOwner } from '../../src/node/log-owner.ts'
import { type NodePublisher, openPublisher } from '../../src/node/publisher.ts'
import { type Lending, openSeeker } from '../../src/node/seeker.ts'
import type { Peers } from '../../src/peer/port.ts'
import type { Keys } from '../../src/wallet/keys.ts'
import type { Dice } from './dice.ts'
import type { Disk } from './disk.ts'
import { gatewayOf } from './gateway.ts'
import { type Host, Life } from './life.ts'
import type { MachineHost } from './machines.ts'
import type { NodeName } from './plan.ts'
import type { Timeline } from './timeline.ts'

const MIB = 2 ** 20
export const PORT = 4001

/** What providers of a world ask and lend. Dear, so that amounts show mistakes. */
export const LENDING: Lending = {
  floorPercent: 80,
  reconnectMs: 20_000,
  maxNoticeMs: 600_000,
  maxDataGraceMs: 600_000,
  maxPauseMs: 600_000,
  images: ['busybox'],
  trustedKeys: undefined,
  bridge: false,
  maxDurationMs: 3_600_000,
  maxLeases: 6,
  priceStartMsat: 77_777n,
  priceWallHour: 1_000_000_000n,
  priceCpuHour: 500_000_123n,
  priceMemGiBHour: 200_000_000n,
  priceDiskGiBHour: 10_000_000n,
  priceTrafficGiB: 0n,
}

export type NodeWorld = {
  readonly timeline: Timeline
  readonly dice: Dice
  readonly network: ChainNetwork
  readonly curve: Curve
  readonly keys: Keys
  readonly disk: Disk
  readonly machines: MachineHost | undefined
  /** The world as one of its processes has it. */
  engine(life: Life): ChainEngine
  peers(life: Life): Peers
  /** What a process says of itself. */
  said(level: string, line: string): void
}

/** What runs of a node while it runs. */
export type Running = {
  readonly life: Life
  readonly hands: Hands
  readonly publisher?: NodePublisher
  readonly seeker?: Seeker
}

/** A process that could not start is started again after so long, as a supervisor would, ms. */
const START_AGAIN_MS = 2_000

/** One computer with a node on it: what `src/node` puts together, over the parts of a world. */
export class SimNode {
  readonly name: NodeName
  readonly host: Host
  readonly world: NodeWorld
  /** The process that is there now; undefined between two. */
  life: Life | undefined
  /** Undefined until all of its parts are open. */
  running: Running | undefined
  starts = 0
  #up = true

  constructor(name: NodeName, address: string, world: NodeWorld) {
    this.name = name
    this.host = { name, address, wallAheadMs: 0 }
    this.world = world
  }

  start(): void {
    const { timeline, dice } = this.world
    this.#up = true
    this.starts += 1
    const life = new Life(timeline, this.host, dice.int(1, 2 ** 40))
    this.life = life
    this.#open(life).catch((error: unknown) => {
      if (life.dead) return
      this.world.said('exit', `the node could not start: ${error instanceof Error ? error.message : error}`)
      this.kill()
      timeline.after(START_AGAIN_MS, () => {
        if (!this.#up) this.start()
      })
    })
  }

  /** `kill -9`: whatever it was waiting for never comes. */
  kill(): void {
    this.#up = false
    const { life } = this
    this.life = undefined
    this.running = undefined
    life?.kill()
  }

  get up(): boolean {
    return this.#up
  }

  async #open(life: Life): Promise<void> {
    const { disk, keys, network, curve, dice } = this.world
    const journal = journalOf(disk.open(life), FACT_FORM)
    await checkLogOwner(journal, { identity: toHex(keys.identity.publicKey), network: network.name }, life.clock.now())
    const log = this.#log()
    const hands = handsOn(journal, {
      keys,
      obeying: { onForgotten: () => {} },
      network,
      engine: this.world.engine(life),
      curve,
      clock: life.clock,
      random: dice.fork(`process ${this.starts}`),
      log,
    })
    openFollowing(hands, log, false)
    const peers = this.world.peers(life)
    const { machines } = this.world
    if (machines === undefined) {
      const at = { publisherHost: this.host.address, publisherPort: PORT, insideEveryMs: 0 }
      const publisher = await openPublisher(at, hands, peers, { retried: () => {}, jumped: () => {} })
      if (!life.dead) this.running = { life, hands, publisher }
      return
    }
    const seeker = await openSeeker(LENDING, hands, peers, {
      machines: machines.driver(life),
      gateway: gatewayOf((leaseId, open) => {
        if (!life.dead) machines.serve(leaseId, open)
      }),
      hardware: { cpuModel: 'simulated', cores: 8, memoryBytes: 8192 * MIB, marks: { int: dice.int(50, 150) } },
      total: { cpuMillis: 8_000, memoryBytes: 8192 * MIB, diskBytes: 65_536 * MIB, pids: 10_000 },
    })
    if (!life.dead) this.running = { life, hands, seeker }
  }

  #log(): Log {
    const say = (level: string) => (fields: object, message: string) => {
      const { err, ...rest } = fields as { err?: unknown }
      const cause = err instanceof Error ? ` (${(err as { code?: string }).code ?? err.name}: ${err.message})` : ''
      this.world.said(level, `${message}${cause} ${Object.values(rest).map(String).join(' ')}`)
    }
    return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  }
}
