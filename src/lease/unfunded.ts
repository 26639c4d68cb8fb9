import { fromHex } from '../../domain/bytes.ts'
import { decodeTransaction } from '../../domain/chain/codec.ts'
import { INPUTS_GONE, Rejected } from '../chain/port.ts'
import type { Ledger } from './ledger.ts'
import { legsOf } from './legs.ts'
import type { Party } from './party.ts'

/**
 * Lets go of the channels of a lease that are funded by nothing: the coins went elsewhere, by a publisher that spent them twice or by a
 * reorganisation. Only once they have expired, when the publisher could take everything back anyway: until then a reorganisation, or a
 * node that learns of what it did not know, may bring the funding back. Else the lease would wait, and try to close, for ever.
 *
 * @returns whether there were any
 * @throws Fault `chain.unreachable`, and as the log
 */
export const letGoOfUnfunded = async (party: Party, ledger: Ledger): Promise<boolean> => {
  const { height } = await party.engine.tip()
  let any = false
  for (const { leg, context } of await legsOf(ledger, await ledger.lease())) {
    const { terms, funding, spend } = context
    const wasInBlock = context.height !== undefined || spend?.height !== undefined
    if (wasInBlock || height < terms!.expiryHeight) continue
    if (!(await isNothing(party, funding!))) continue
    const gone = { at: party.clock.now(), txid: funding!.txid, height }
    party.log.warn({ lease: ledger.leaseId, leg, funding: gone.txid }, 'the coins of a channel were spent elsewhere')
    await ledger.try([{ kind: 'refund', ...gone, legs: [leg] }], new Map([[leg, [{ kind: 'refunded', ...gone }]]]))
    any = true
  }
  return any
}

const isNothing = async (
  { engine }: Party,
  { txid, raw }: { readonly txid: string; readonly raw: string },
): Promise<boolean> => {
  if ((await engine.transaction(txid)) !== undefined) return false
  try {
    await engine.broadcast(decodeTransaction(fromHex(raw)))
    return false
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    return error.reason.includes(INPUTS_GONE)
  }
}
