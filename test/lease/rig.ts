import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnnouncementBody } from '../../domain/announcement/body.ts'
import type { Order } from '../../domain/announcement/facts.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { isRefusal } from '../../domain/fact.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { type LeaseState, lease } from '../../domain/lease/lease.ts'
import type { Policy, Situation } from '../../domain/match.ts'
import { mapPrice, type PriceVector, scalePrice } from '../../domain/price.ts'
import type { Isolation, Resources } from '../../domain/resources.ts'
import { openXencoind, type Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { readTypes } from '../../src/journal/read-types.ts'
import { channelRules } from '../../src/lease/ledger.ts'
import type { ProviderTerms } from '../../src/lease/provider/deps.ts'
import type { PublisherParty } from '../../src/lease/publisher/deps.ts'
import { Publisher } from '../../src/lease/publisher/publisher.ts'
import { Spending } from '../../src/lease/publisher/spending.ts'
import { OwnAnnouncements } from '../../src/market/own-announcements.ts'
import { Seeker } from '../../src/market/seeker.ts'
import { memoryPeers } from '../../src/peer/memory.ts'
import type { Endpoint, Peers } from '../../src/peer/port.ts'
import { systemRandom } from '../../src/random/system.ts'
import { type FakeGateway, fakeGateway } from './fake-gateway.ts'
import { type FakeMachines, fakeMachines } from './fake-machines.ts'
import { type Life, Participant } from './participant.ts'
import { cuttable, type Wires } from './wires.ts'

const MIB = 2 ** 20
export const ENDPOINT: Endpoint = { host: '127.0.0.1', port: 4001 }
const SSH_KEY = `ssh-ed25519 ${Buffer.from('a client key of a test').toString('base64')} test`

/** 1,000 sats for each tenth of a second of wall time, and something for CPU, so that amounts show mistakes. */
export const PRICE: PriceVector = {
  ...mapPrice(() => 0n),
  startMsat: 7_777n,
  wallHour: 36_000_000_000n,
  cpuHour: 1_234_567_891n,
  memGiBHour: 987_654_321n,
}

export const BODY: AnnouncementBody = {
  version: 1,
  label: 'a lease of a test',
  image: 'busybox',
  resources: { cpuMillis: 1000, memoryBytes: 256 * MIB, diskBytes: 1024 * MIB, pids: 100 },
  isolation: 'none',
  machineNetwork: 'none',
  count: 1,
  maxHourlyMsat: 100_000_000_000n,
  maxDurationMs: 3_600_000,
}

export const ORDER: Order = {
  authorizedKeys: [SSH_KEY],
  capacitySats: 5_000_000n,
  tickMs: 100,
  dataGraceMs: 0,
  offerWindowMs: 50,
}

/** Generous grace: a busy test machine is no culprit. */
export const TERMS: ProviderTerms = {
  graceTicks: 100,
  reconnectMs: 20_000,
  unconfirmedTicks: 100_000,
  ioBytesPerS: 1n << 30n,
  netBytesPerS: 1n << 30n,
}

export type Rent = {
  reference?: string
  body?: Partial<AnnouncementBody>
  order?: Partial<Order>
  expiryBlocks?: number
}

/** The longest notice that they give. */
export const MAX_NOTICE_MS = 600_000
/** What providers of the rig keep data for at the most. */
export const MAX_DATA_GRACE_MS = 600_000

export class RigPublisher extends Participant {
  life!: Life
  own!: OwnAnnouncements
  publisher!: Publisher
  spending!: Spending
  /** What its leases may cost in a day. */
  dailyBudgetSats: bigint | undefined
  /** False: it answers nobody, and a script may listen at `ENDPOINT` instead. */
  listening = true
  inside: PublisherParty['inside']

  async start(): Promise<void> {
    const life = this.live()
    const { party, streams, engine, journal, watched, wallet, peers } = life
    this.life = life
    this.spending = new Spending(party.clock, this.dailyBudgetSats)
    this.own = new OwnAnnouncements({
      streams,
      journal,
      engine,
      wallet,
      clock: party.clock,
      random: party.random,
      log: party.log,
      watched,
    })
    const inside = this.inside && { inside: this.inside }
    this.publisher = new Publisher({ ...party, wallet, spending: this.spending, ...inside }, this.own)
    const leaseIds = [...new Set([...(await this.own.unfinished()), ...(await this.own.overSince(0))])]
    if (this.listening) await this.publisher.start(peers, ENDPOINT, leaseIds)
    await this.own.start()
  }

  async stop(): Promise<void> {
    if (!this.life.fuse.blown) {
      await this.own.close()
      await this.publisher.close()
    }
    await this.life.stop()
    this.life.fuse.blow()
  }

  /** @returns the announcement's txid */
  async rent({ body, order, expiryBlocks = 1_000, reference = `${Math.random()}` }: Rent = {}): Promise<string> {
    const request = { body: { ...BODY, ...body }, order: { ...ORDER, ...order }, expiryBlocks }
    const posted = await this.own.post({ ...request, reference }, ENDPOINT)
    if (isRefusal(posted)) throw new Error(`${posted.refused}: ${posted.why}`)
    return posted.txid
  }
}

export type ProviderOptions = {
  readonly ask?: PriceVector
  readonly floor?: PriceVector
  readonly terms?: Partial<ProviderTerms>
  readonly policy?: Partial<Policy>
  readonly isolation?: Isolation
  /** What it lends in all. */
  readonly total?: Resources
  readonly mustPause?: boolean
  readonly open?: () => Situation['open']
}

const TOTAL: Resources = { cpuMillis: 8000, memoryBytes: 4096 * MIB, diskBytes: 65_536 * MIB, pids: 10_000 }

export class RigProvider extends Participant {
  life!: Life
  seeker!: Seeker
  readonly machines: FakeMachines = fakeMachines()
  gateway: FakeGateway = fakeGateway()
  options: ProviderOptions = {}

  async start(): Promise<void> {
    const life = this.live()
    this.life = life
    this.gateway = fakeGateway()
    const ask = this.options.ask ?? PRICE
    const floor = this.options.floor ?? scalePrice(ask, 1n, 2n)
    const policy: Policy = {
      ask,
      floor,
      images: ['busybox'],
      isolation: 'none',
      bridgeAllowed: false,
      maxDurationMs: 3_600_000,
      maxLeases: 1,
      ...this.options.policy,
    }
    this.seeker = new Seeker({
      party: {
        ...life.party,
        peers: life.peers,
        machines: life.fuse.port(this.machines),
        gateway: this.gateway,
        hardware: { cpuModel: 'a test', cores: 2, memoryBytes: 4096 * MIB, marks: { integer: 100 } },
        ask,
        floor,
        isolation: this.options.isolation ?? 'none',
        terms: { ...TERMS, ...this.options.terms },
        maxDataGraceMs: MAX_DATA_GRACE_MS,
        maxNoticeMs: MAX_NOTICE_MS,
        maxDurationMs: policy.maxDurationMs,
        maxPauseMs: 600_000,
        mustPause: this.options.mustPause ?? false,
        ...(this.options.open === undefined ? {} : { open: this.options.open }),
      },
      journal: life.journal,
      watched: life.watched,
      policy,
      total: this.options.total ?? TOTAL,
    })
    await this.seeker.start()
  }

  async stop(): Promise<void> {
    if (!this.life.fuse.blown) await this.seeker.close()
    await this.life.stop()
    this.life.fuse.blow()
  }
}

/** The newest lease in a participant's log, folded. */
export const leaseOf = async (who: Participant): Promise<LeaseState> => {
  const sought = await readTypes<Extract<LeaseFact, { type: 'lease.sought' }>>(who.journal, 'lease.sought')
  const leaseId = sought.at(-1)?.fact.leaseId
  let state = lease.initial
  for (const { fact } of await who.journal.read(`lease-${leaseId}`)) state = lease.evolve(state, fact as LeaseFact)
  return state
}

export const channelOf = async (who: Participant, leaseId: string) => {
  let state = channelRules.initial
  for (const { fact } of await who.journal.read(`channel-${leaseId}`)) state = channelRules.evolve(state, fact as never)
  return state
}

export type Rig = {
  readonly node: Xencoind
  readonly peers: Peers
  readonly wires: Wires
  readonly publisher: RigPublisher
  readonly providers: readonly RigProvider[]
  readonly provider: RigProvider
  mine(count?: number): Promise<void>
  /** Makes a block now and then until the promise is kept. */
  mineUntil<T>(kept: Promise<T>): Promise<T>
  close(): Promise<void>
}

export type RigOptions = {
  readonly providers?: readonly ProviderOptions[]
  /** Blocks whose coins the publisher has: 50 coins each. */
  readonly coins?: number
  readonly startPublisher?: boolean
  /** The publisher measures from inside. */
  readonly inside?: PublisherParty['inside']
  /** Opens a side's log; absent: in memory. Whoever opens it closes it. */
  readonly journal?: (side: 'publisher' | `provider ${number}`) => Promise<Journal>
}

const MINE_EVERY_MS = 150
const NOBODY = new Uint8Array([0x6a, 0x01, 0x00])

/** One chain, one publisher with coins, and providers, all in this process over links in memory. */
export const openRig = async ({
  providers = [{}],
  coins = 1,
  startPublisher = true,
  inside,
  journal = async () => memoryJournal(),
}: RigOptions = {}): Promise<Rig> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zennet-lease-'))
  const network = networkNamed('xencoin-dev')
  const node = await openXencoind({ dataDir, network, curve: nativeCurve, clock: systemClock })
  const { peers, wires } = cuttable(memoryPeers(systemRandom))
  const publisher = new RigPublisher('publisher', network, node, peers, await journal('publisher'))
  publisher.listening = startPublisher
  publisher.inside = inside
  if (coins > 0) await node.mine(coins, publisher.keys.receive(0).script)
  await node.mine(network.coinbaseMaturity, NOBODY)
  await publisher.start()
  const expected = BigInt(coins) * network.subsidy
  while ((await publisher.life.wallet.balance()).confirmed < expected) await systemClock.sleep(10)
  const made: RigProvider[] = []
  for (const [i, options] of providers.entries()) {
    const provider = new RigProvider(`provider ${i}`, network, node, peers, await journal(`provider ${i}`))
    provider.options = options
    made.push(provider)
  }
  for (const provider of made) await provider.start()
  const mine = async (count = 1) => void (await node.mine(count, NOBODY))
  return {
    node,
    peers,
    wires,
    publisher,
    providers: made,
    provider: made[0]!,
    mine,
    async mineUntil(kept) {
      let done = false
      const watched = kept.finally(() => {
        done = true
      })
      watched.catch(() => {})
      while (!done) {
        await mine()
        await Promise.race([watched.catch(() => {}), systemClock.sleep(MINE_EVERY_MS)])
      }
      return await watched
    },
    async close() {
      for (const provider of made) await provider.stop()
      await publisher.stop()
      await node.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs a test in a rig, and says what each side's log holds when it fails. */
export const inRig = (options: RigOptions, run: (rig: Rig) => Promise<void>) => async (): Promise<void> => {
  const rig = await openRig(options)
  try {
    await run(rig)
  } catch (error) {
    const stories = await Promise.all([rig.publisher, ...rig.providers].map((who) => who.story()))
    throw new Error(`${error instanceof Error ? error.message : error}\n${stories.join('\n')}`, { cause: error })
  } finally {
    await rig.close()
  }
}
