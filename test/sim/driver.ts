import type { AnnouncementBody } from '../../domain/announcement/body.ts'
import { isRefusal } from '../../domain/fact.ts'
import { isOver, stageOf } from '../../domain/lease/lease.ts'
import { hourlyMsat } from '../../domain/price.ts'
import { askedPrice } from '../../src/node/seeker.ts'
import { Asking } from './asking.ts'
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

type Wish = {
  /** By which process it was asked to take it off the market. */
  withdrawnBy: Running | undefined
  readonly rent: Rent
  txid: string | undefined
  askedBy: Running | undefined /** Of its top-ups, those that were answered, for each lease. */
  readonly toppedUp: Set<string>
}

/** The people of a world: they rent, and ask for the end; what got no answer is asked again. */
export class Driver {
  readonly #world: World
  readonly #wishes: Wish[]
  readonly #asking: Asking

  constructor(world: World) {
    this.#world = world
    this.#asking = new Asking(world)
    this.#wishes = world.plan.rents.map((rent) => ({
      rent,
      txid: undefined,
      askedBy: undefined,
      withdrawnBy: undefined,
      toppedUp: new Set(),
    }))
  }

  begin(): void {
    for (const wish of this.#wishes) this.#world.timeline.after(wish.rent.atMs, () => this.#look(wish))
  }

  /** Nothing is left to do on any lease. */
  isOver(): boolean {
    const { nodes, truth } = this.#world
    for (const { running, world } of nodes.values())
      if (running === undefined || (world.machines?.machines.size ?? 0) > 0) return false
    if (truth.announces || this.#wishes.some(({ txid, askedBy }) => askedBy && txid === undefined)) return false
    for (const account of truth.all()) if (!isDone(account)) return false
    return true
  }

  /** No provider has anything to do any more. */
  onlyRefundsAreLeft(): boolean {
    const { truth } = this.#world
    return [...truth.all()].every((account) => account.node.startsWith('publisher') || isDone(account))
  }

  /** Nobody took it, and nobody wants it any more. */
  #withdraw(wish: Wish): void {
    const running = this.#world.node(wish.rent.publisher).running
    if (wish.txid === undefined || wish.withdrawnBy === running || !running?.publisher) return
    wish.withdrawnBy = running
    running.publisher.own
      .withdraw(wish.txid)
      .catch((error) => this.#world.say(wish.rent.publisher, `could not withdraw: ${error.message}`))
  }

  #look(wish: Wish): void {
    const { timeline } = this.#world
    const running = this.#world.node(wish.rent.publisher).running
    if (running?.publisher && wish.txid === undefined && wish.askedBy !== running) void this.#post(wish, running)
    if (this.#world.windingDown) this.#withdraw(wish)
    this.#topUp(wish)
    this.#ask(wish)
    if (this.#shallEnd(wish.rent)) this.#end(wish)
    timeline.after(LOOK_MS, () => this.#look(wish))
  }

  #ask({ rent, txid }: Wish): void {
    if (rent.asks === undefined && rent.fetchedMs === undefined) return
    for (const account of this.#world.truth.all()) {
      if (account.lease.context.announcement.slice(0, 64) !== txid) continue
      if (stageOf(account.lease) === 'meter') this.#asking.look(rent, account)
      else this.#asking.fetched(rent, account)
    }
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
      ...(rent.mostSats === undefined ? {} : { mostSats: rent.mostSats }),
      ...(rent.maxPauseMs === undefined ? {} : { maxPauseMs: rent.maxPauseMs }),
      ...(rent.noticeMs === undefined ? {} : { noticeMs: rent.noticeMs }),
      ...(rent.renewUpToMs === undefined ? {} : { renewUpToMs: rent.renewUpToMs }),
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

  #topUp({ rent, txid, toppedUp }: Wish): void {
    const { truth, nowMs, windingDown } = this.#world
    for (const [i, { atMs, sats }] of windingDown ? [] : (rent.topUps ?? []).entries()) {
      if (nowMs < atMs) continue
      for (const { lease, node, leaseId } of truth.all()) {
        const reference = `${leaseId} ${i}`
        const { side, announcement } = lease.context
        if (side !== 'publisher' || announcement.slice(0, 64) !== txid || stageOf(lease) !== 'meter') continue
        if (toppedUp.has(reference)) continue
        const asked = this.#world.node(node).running?.publisher?.publisher.topUpLease(leaseId, { sats, reference })
        asked?.then(
          (answer) => {
            // One that is pending passes, others are an answer.
            if (!isRefusal(answer) || answer.refused !== 'top-up-pending') toppedUp.add(reference)
          },
          (error) => this.#world.say(node, `could not top up: ${error.message}`),
        )
      }
    }
  }

  #shallEnd({ stop, maxDurationMs, asks, renewUpToMs }: Rent): boolean {
    const isLong = maxDurationMs > 60_000 || asks !== undefined || renewUpToMs !== undefined
    if (this.#world.windingDown) return isLong || stop !== undefined
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
export const isDone = ({ lease, channels, node }: Account): boolean => {
  if (!isOver(lease)) return false
  // A reorganisation may have opened it again. A provider has nothing in a channel over which nothing was paid.
  for (const { value, context } of lease.context.end ? channels.values() : [])
    if (context.funding && (context.paid > 0n || node.startsWith('publisher')))
      if (!['closed', 'refunded'].includes(String(value))) return false
  const { terms, released } = lease.context
  return (
    node.startsWith('publisher') || released || terms === undefined || !['settled', 'refunded'].includes(stageOf(lease))
  )
}
