import { fromHex, toHex } from '../../domain/bytes.ts'
import type { ChannelCommand, ChannelState } from '../../domain/channel/channel.ts'
import { spread, sumOf } from '../../domain/channel/legs.ts'
import { paramsOf } from '../../domain/channel/script.ts'
import { voucherSigner, voucherVerifier } from '../../domain/channel/transaction.ts'
import { channelId } from '../../domain/ids.ts'
import type { LeaseState } from '../../domain/lease/lease.ts'
import type { Ledger, OnLegs } from './ledger.ts'
import type { MessageOf } from './messages.ts'
import type { Party } from './party.ts'

/** A channel of a lease that is funded. */
export type Leg = { readonly leg: number; readonly context: ChannelState['context']; readonly value: unknown }

/** The channels of a lease that are funded, the first one first. */
export const legsOf = async (ledger: Ledger, { context }: LeaseState): Promise<readonly Leg[]> => {
  const legs = [0, ...context.topUps.map(({ leg }) => leg)]
  const states = await Promise.all(legs.map(async (leg) => ({ leg, ...(await ledger.channel(leg)) })))
  return states.flatMap(({ leg, context, value }) => (context.funding === undefined ? [] : [{ leg, context, value }]))
}

/** What was paid in all, as a `voucher` message says it. */
export type Voucher = Pick<MessageOf<'voucher'>, 'paid' | 'signature' | 'before'>

/** Vouchers over the channels of one lease as they are now: the earlier ones are full before the next pays. */
export type Vouchers = {
  /** How many channels it knows. */
  readonly count: number
  sign(paid: bigint): Voucher
  /** Whether all its signatures fit. Never throws on a bad one. */
  accepts(voucher: Voucher): boolean
  /** What is to be written down of one that fits. */
  commands(at: number, voucher: Voucher): OnLegs
}

/** `before` where it is not empty: without top-ups a voucher is one signature. */
const voucherOf = (paid: bigint, signatures: readonly string[]): Voucher => {
  const before = signatures.slice(0, -1)
  const signature = signatures.at(-1)
  if (signature === undefined) throw new RangeError(`cannot pay ${paid}`)
  return { paid, signature, ...(before.length === 0 ? {} : { before }) }
}

export const openVouchers = async (party: Party, ledger: Ledger, state: LeaseState): Promise<Vouchers> => {
  const legs = await legsOf(ledger, state)
  const channels = await Promise.all(
    legs.map(async ({ leg, context }) => {
      const params = paramsOf(context.terms!)
      const funding = context.funding!
      const { secret } = await party.channelKey(channelId(ledger.leaseId, leg))
      const sign = voucherSigner(params, funding, party.curve)
      return {
        leg,
        capacity: params.capacity,
        sign: (paid: bigint) => toHex(sign(paid, secret)),
        fits: voucherVerifier(params, funding, party.curve),
      }
    }),
  )
  const capacities = channels.map(({ capacity }) => capacity)
  /** Signatures that fill a channel never change. */
  const full = new Map<number, string>()
  const fullOf = (at: number): string => {
    const known = full.get(at) ?? channels[at]!.sign(capacities[at]!)
    full.set(at, known)
    return known
  }
  /** The same one comes with every tick from then on. */
  const fitted = new Map<number, string>()
  const fits = (at: number, share: bigint, signature: string): boolean => {
    if (share === capacities[at] && fitted.get(at) === signature) return true
    if (!channels[at]!.fits(share, fromHex(signature))) return false
    if (share === capacities[at]) fitted.set(at, signature)
    return true
  }
  const begun = (paid: bigint) => spread(paid, capacities).filter((share) => share > 0n)
  return {
    count: legs.length,
    sign: (paid) => {
      const shares = begun(paid)
      const last = shares.length - 1
      return voucherOf(
        paid,
        shares.map((share, at) => (at < last ? fullOf(at) : channels[at]!.sign(share))),
      )
    },
    accepts: ({ paid, signature, before = [] }) => {
      const shares = begun(paid)
      const signatures = [...before, signature]
      if (paid <= 0n || paid > sumOf(capacities) || shares.length !== signatures.length) return false
      return shares.every((share, at) => fits(at, share, signatures[at]!))
    },
    commands: (at, { paid, signature, before = [] }) => {
      const signatures = [...before, signature]
      return new Map(
        begun(paid).map((share, index): [number, ChannelCommand[]] => [
          channels[index]!.leg,
          [{ kind: 'pay', at, paid: share, signature: signatures[index]! }],
        ]),
      )
    },
  }
}
