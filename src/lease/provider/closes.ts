import { fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId, virtualSize } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { ChannelCommand } from '../../../domain/channel/channel.ts'
import { closeTargetBlocks, raisedFeeRate } from '../../../domain/channel/margin.ts'
import { paramsOf } from '../../../domain/channel/script.ts'
import { type ClosingChannel, closeTransaction } from '../../../domain/channel/transaction.ts'
import { Fault } from '../../../domain/fault.ts'
import { channelId } from '../../../domain/ids.ts'
import { Rejected } from '../../chain/port.ts'
import { isAway } from '../../journal/port.ts'
import type { Ledger } from '../ledger.ts'
import { type Leg, legsOf } from '../legs.ts'
import type { Party } from '../party.ts'
import { letGoOfUnfunded } from '../unfunded.ts'
import { Waits } from '../waits.ts'

/** Leases that end within this time are closed by one transaction, ms: an end is rarely alone when a provider stops. */
const GATHER_MS = 200
/** Channels in one close: some 7,000 virtual bytes, far below what nodes relay. */
const MAX_CLOSED_TOGETHER = 50

type Channel = { readonly ledger: Ledger } & Leg
type Waiting = { readonly ledger: Ledger; readonly done: (outcome?: Promise<never>) => void }

/** All of a provider's channels that are to be closed, until the chain has them in a block. */
export class Closes {
  readonly #party: Party
  readonly #waits = new Waits()
  #waiting: Waiting[] = []
  /** Leases that are to end now, and are not closed yet. */
  readonly #ending = new Set<string>()

  constructor(party: Party) {
    this.#party = party
  }

  /** It will be closed soon. */
  expect(leaseId: string): void {
    this.#ending.add(leaseId)
  }

  /** Others end now too: closed together with them by vouchers, its close costs less than one that both sides sign. */
  hasCompany(leaseId: string): boolean {
    return this.#ending.size > (this.#ending.has(leaseId) ? 1 : 0)
  }

  /**
   * Gives the newest voucher to the chain, in one transaction with those of other leases that end now. Written down before it is
   * broadcast, so that a crash repeats the very same transaction.
   *
   * @throws Fault `channel.not-worth-closing`, `chain.unreachable`, Rejected
   */
  async close(ledger: Ledger): Promise<void> {
    try {
      const legs = await legsOf(ledger, await ledger.lease())
      const made = new Set(
        legs.flatMap(({ context: { spend } }) => (spend?.height === undefined ? spend?.raw : []) ?? []),
      )
      for (const raw of made) await this.#give([ledger], decodeTransaction(fromHex(raw)))
      if (!legs.some(isClosable)) return
      return await new Promise((resolve) => {
        this.#waiting.push({ ledger, done: resolve })
        if (this.#waiting.length === 1) void this.#gather()
      })
    } finally {
      this.#ending.delete(ledger.leaseId)
    }
  }

  async #gather(): Promise<void> {
    await this.#party.clock.sleep(GATHER_MS).catch(() => {})
    const all = this.#waiting
    this.#waiting = []
    for (let from = 0; from < all.length; from += MAX_CLOSED_TOGETHER) {
      const part = all.slice(from, from + MAX_CLOSED_TOGETHER)
      const failed = await failureOf(this.#closeAll(part.map(({ ledger }) => ledger)))
      for (const { ledger, done } of part) {
        // What is wrong with one of them must not hold up the others.
        const again = failed !== undefined && part.length > 1 && !isPassing(failed)
        const own = again ? await failureOf(this.#closeAll([ledger])) : failed
        done(own === undefined ? undefined : Promise.reject(own))
      }
    }
  }

  async #closeAll(ledgers: readonly Ledger[]): Promise<void> {
    // One whose close, with others, was not taken is closed again, alone.
    const channels = (await channelsOf(ledgers)).filter(hasVoucher)
    if (channels.length === 0) return
    const { height } = await this.#party.engine.tip()
    await this.#write(channels, height, await this.#feeRate(channels, height))
  }

  /**
   * Looks after the closes of these leases: what a node lost is given to it again, and what stays out of the blocks is replaced by one
   * with a higher fee.
   */
  async tend(ledgers: readonly Ledger[]): Promise<void> {
    const { engine, log } = this.#party
    const groups = new Map<string, { raw: string; channels: Channel[] }>()
    for (const channel of await channelsOf(ledgers)) {
      const { spend } = channel.context
      if (channel.value !== 'closing' || spend?.raw === undefined) continue
      const group = groups.get(spend.txid) ?? { raw: spend.raw, channels: [] }
      group.channels.push(channel)
      groups.set(spend.txid, group)
    }
    this.#waits.keep(groups)
    if (groups.size === 0) return
    const { height } = await engine.tip()
    for (const [txid, { raw, channels }] of groups)
      await this.#tendOne(decodeTransaction(fromHex(raw)), channels, height).catch((err) =>
        log.warn({ close: txid, err }, 'a close that waits could not be looked after; trying again'),
      )
  }

  /** Closes once more what a reorganisation has opened again, unless its spend only waits to be in a block again. */
  async again(ledgers: readonly Ledger[]): Promise<void> {
    const { engine, log } = this.#party
    for (const ledger of ledgers) {
      const state = await ledger.lease()
      if (state.context.side !== 'provider') continue
      try {
        for (const { context } of (await legsOf(ledger, state)).filter(isClosable)) {
          const isSpent = (await engine.output(context.funding!)) === undefined
          // An output is not there, either, when the funding itself was lost: the close brings it back.
          if (isSpent && (await engine.transaction(context.funding!.txid)) !== undefined) continue
          await this.#closeAll([ledger])
          break
        }
      } catch (err) {
        log.warn({ lease: ledger.leaseId, err }, 'a channel that is open again could not be closed yet; trying again')
      }
    }
  }

  async #tendOne(tx: Transaction, channels: readonly Channel[], height: number): Promise<void> {
    const txid = transactionId(tx)
    const waited = this.#waits.since(txid, height)
    const found = await this.#party.engine.transaction(txid)
    if (found?.block !== undefined) return
    const ledgers = ledgersOf(channels)
    if (found === undefined)
      await this.#give(ledgers, tx).catch((error: unknown) => {
        // One that it replaced may be with the node still.
        if (!(error instanceof Rejected)) throw error
      })
    if (waited < targetOf(channels, height, this.#party)) return
    this.#waits.restart(txid, height)
    await this.#raise(tx, channels, height)
  }

  /** By vouchers, also what both sides had signed whole: there is nobody to ask any more. */
  async #raise(tx: Transaction, all: readonly Channel[], height: number): Promise<void> {
    const channels = all.filter(hasVoucher)
    const capacity = all.reduce((sum, { context }) => sum + context.terms!.capacitySats, 0n)
    // A batch of which some channels were spent otherwise is made again of what is left, for no less than before.
    const fee = capacity - tx.outputs.reduce((sum, { value }) => sum + value, 0n)
    const before = { fee: fee > 0n ? fee : 0n, vsize: virtualSize(tx) }
    try {
      await this.#write(channels, height, raisedFeeRate(before, await this.#feeRate(channels, height)))
      this.#party.log.info({ close: transactionId(tx) }, 'a close that waited was replaced by one with a higher fee')
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'channel.not-worth-closing') throw error
      this.#party.log.info({ close: transactionId(tx) }, 'a close waits, and a higher fee is not worth it')
    }
  }

  #feeRate(channels: readonly Channel[], height: number): Promise<number> {
    return this.#party.engine.feeRate(targetOf(channels, height, this.#party))
  }

  async #write(channels: readonly Channel[], height: number, feeRateSatsPerVb: number): Promise<void> {
    const closing = await Promise.all(channels.map((channel) => this.#closing(channel)))
    const payoutScript = fromHex(channels[0]!.context.terms!.providerScript)
    const tx = closeTransaction({ channels: closing, feeRateSatsPerVb, payoutScript, curve: this.#party.curve })
    const [txid, raw] = [transactionId(tx), toHex(encodeTransaction(tx))]
    const close: ChannelCommand = { kind: 'close', at: this.#party.clock.now(), txid, raw }
    const ledgers = ledgersOf(channels)
    for (const ledger of ledgers) {
      const legs = channels.filter((channel) => channel.ledger === ledger)
      await ledger.record([], new Map(legs.map(({ leg }) => [leg, [close]])))
    }
    this.#waits.restart(txid, height)
    await this.#give(ledgers, tx)
  }

  async #closing({ ledger, leg, context }: Channel): Promise<ClosingChannel> {
    const { terms, funding, paid, signature } = context
    return {
      params: paramsOf(terms!),
      funding: funding!,
      paid,
      publisherSig: fromHex(signature!),
      providerSecret: (await this.#party.channelKey(channelId(ledger.leaseId, leg))).secret,
    }
  }

  async #give(ledgers: readonly Ledger[], tx: Transaction): Promise<void> {
    const { engine } = this.#party
    try {
      await engine.broadcast(tx)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      const unfunded = await Promise.all(ledgers.map((ledger) => letGoOfUnfunded(this.#party, ledger)))
      if (unfunded.includes(true)) return
      // A funding may have left the mempool or the chain: it is given again, and the close after it.
      for (const { context } of await channelsOf(ledgers))
        await engine.broadcast(decodeTransaction(fromHex(context.funding!.raw)))
      await engine.broadcast(tx)
    }
  }
}

const channelsOf = async (ledgers: readonly Ledger[]): Promise<Channel[]> => {
  const each = async (ledger: Ledger) => (await legsOf(ledger, await ledger.lease())).map((leg) => ({ ledger, ...leg }))
  return (await Promise.all(ledgers.map(each))).flat()
}

const ledgersOf = (channels: readonly Channel[]): Ledger[] => [...new Set(channels.map(({ ledger }) => ledger))]

const hasVoucher = ({ context: { signature, spend } }: Pick<Leg, 'context'>): boolean =>
  signature !== undefined && spend?.height === undefined

/** No close was made of it. */
const isClosable = (leg: Pick<Leg, 'context'>): boolean => hasVoucher(leg) && leg.context.spend === undefined

/** The most urgent of them counts. */
const targetOf = (channels: readonly Channel[], height: number, { network }: Party): number =>
  Math.min(...channels.map(({ context }) => closeTargetBlocks(height, context.terms!.expiryHeight, network)))

const failureOf = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error ?? true,
  )

/** Says nothing of the channels: the chain or the log does not answer. */
const isPassing = (error: unknown): boolean =>
  isAway(error) || (error instanceof Fault && error.code === 'chain.unreachable')
