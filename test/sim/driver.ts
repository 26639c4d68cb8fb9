import type { AnnouncementBody } from '../../domain/announcement/body.ts'
import { isRefusal } from '../../domain/fact.ts'
import { isOver, stageOf } from '../../domain/lease/lease.ts'
import { hourlyMsat } from '../../domain/price.ts'
import { askedPrice } from '../../src/node/seeker.ts'
import { LENDING, PORT, type Running } from './node.ts'
import type { Rent } from './plan.ts'
import type { Account } from './truth.ts'
import type { World } from './world.ts'

const MIB = 2 ** 20
const SSH_KEY = `ssh-ed25519 ${Buffer.from('a client key of a world').toString('base64')} world`
/** How often a person looks whether what was asked for is done, ms. */
const LOOK_MS = 1_000
/** Nobody has agreed by then: the announcement is given up, ms. */
const GIVE_UP_MS = 40_000
const EXPIRY_BLOCKS = 1_000
const OFFER_WINDOW_MS = 300

const RESOURCES = { cpuMillis: 1_000, memoryBytes: 256 * MIB, diskBytes: 1_024 * MIB, pids: 100 }
const ASKED_HOURLY = hourlyMsat(askedPrice(LENDING), RESOURCES)

type Wish = { readonly rent: Rent; txid: string | undefined; askedBy: Running | undefined; askedToEnd: boolean }

/** The people of a world: they rent, and ask for the end; what got no answer is asked again. */
export class Driver {
  readonly #world: World
  readonly #wishes: Wish[]

  constructor(world: World) {
    this.#world = world
    this.#wishes = world.plan.rents.map((rent) => ({ rent, txid: undefined, askedBy: undefined, askedToEnd: false }))
  }

  begin(): void {
    for (const wish of this.#wishes) this.#world.timeline.after(wish.rent.atMs, () => this.#look(wish))
  }

  /** Nothing is left to do on any lease. */
  isOver(): boolean {
    const { nodes, truth } = this.#world
    for (const node of nodes.values()) if ((node.world.machines?.machines.size ?? 0) > 0) return false
    for (const account of truth.all()) if (!isDone(account)) return false
    return true
  }

  #look(wish: Wish): void {
    const { timeline } = this.#world
    const running = this.#world.node(wish.rent.publisher).running
    if (running?.publisher && wish.txid === undefined && wish.askedBy !== running) void this.#post(wish, running)
    if (this.#shallEnd(wish.rent)) this.#end(wish)
    timeline.after(LOOK_MS, () => this.#look(wish))
  }

  async #post(wish: Wish, running: Running): Promise<void> {
    if (this.#world.windingDown) return
    wish.askedBy = running
    const { rent } = wish
    const { address } = this.#world.node(rent.publisher).host
    const body: AnnouncementBody = {
      version: 1,
      label: 'simulated',
      image: 'busybox',
      resources: RESOURCES,
      isolation: 'none',
      machineNetwork: 'none',
      count: rent.count,
      maxHourlyMsat: (ASKED_HOURLY * BigInt(rent.ceilingPercent)) / 100n,
      maxDurationMs: rent.maxDurationMs,
    }
    const order = {
      authorizedKeys: [SSH_KEY],
      capacitySats: rent.capacitySats,
      tickMs: rent.tickMs,
      dataGraceMs: rent.dataGraceMs,
      offerWindowMs: OFFER_WINDOW_MS,
      giveUpAt: running.life.clock.now() + GIVE_UP_MS,
    }
    const reference = `rent ${this.#wishes.indexOf(wish)}`
    try {
      const request = { body, order, expiryBlocks: EXPIRY_BLOCKS, reference }
      const posted = await running.publisher!.own.post(request, { host: address, port: PORT })
      if (isRefusal(posted)) this.#world.say(rent.publisher, `refused: ${posted.refused}: ${posted.why}`)
      else wish.txid = posted.txid
    } catch (error) {
      this.#world.say(rent.publisher, `could not post: ${error instanceof Error ? error.message : error}`)
    }
    if (wish.txid === undefined) wish.askedBy = undefined
  }

  #shallEnd({ stop, maxDurationMs }: Rent): boolean {
    if (this.#world.windingDown) return maxDurationMs > 60_000 || stop !== undefined
    return stop !== undefined && this.#world.nowMs >= stop.atMs
  }

  #end({ rent, txid }: Wish): void {
    const { truth } = this.#world
    for (const account of truth.all()) {
      const { lease, node, leaseId } = account
      if (lease.context.announcement.slice(0, 64) !== txid || stageOf(lease) !== 'meter') continue
      const { running } = this.#world.node(node)
      if (lease.context.side === 'provider' && rent.stop?.by === 'provider') running?.seeker?.stopLease(leaseId)
      else if (lease.context.side === 'publisher' && rent.stop?.by !== 'provider')
        running?.publisher?.publisher
          .stopLease(leaseId)
          .catch((error) => this.#world.say(node, `could not stop: ${error.message}`))
    }
  }
}

/** Over, or never more than a thought; the money is where it belongs, and the machine gone. */
export const isDone = ({ lease, channel, node }: Account): boolean => {
  if (!isOver(lease)) return false
  // A reorganisation may have opened it again.
  if (lease.context.end && !['closed', 'refunded'].includes(String(channel.value))) return false
  const { terms, released } = lease.context
  return (
    node.startsWith('publisher') || released || terms === undefined || !['settled', 'refunded'].includes(stageOf(lease))
  )
}
