import { equal, fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { p2wsh } from '../../../domain/chain/script.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { fundingScript } from '../../../domain/channel/script.ts'
import { type ChannelParams, voucherVerifier } from '../../../domain/channel/transaction.ts'
import { isRefusal } from '../../../domain/fact.ts'
import { Fault } from '../../../domain/fault.ts'
import { STAGE_DEADLINE_MS } from '../../../domain/lease/stage.ts'
import type { Terms } from '../../../domain/terms.ts'
import type { Ledger } from '../ledger.ts'
import { channelParams } from '../party.ts'
import type { Talk } from '../talk.ts'
import type { ProviderParty } from './deps.ts'

/**
 * Makes the machine first and takes the money then: a machine that cannot be made costs nobody a coin. Ends with the lease in
 * `meter`. Every step can be repeated after a crash.
 *
 * @throws Fault of the machine port; `lease.bad-funding`; Rejected by the chain
 */
export const provision = async (party: ProviderParty, ledger: Ledger, terms: Terms, talk: Talk): Promise<void> => {
  const { leaseId, image, resources, machineNetwork, shell } = terms
  await party.machines.create({ leaseId, image, resources, network: machineNetwork })
  const address = { user: shell.user, hostKey: shell.hostKey }
  await ledger.record([{ kind: 'provision', at: party.clock.now(), shell: address }])
  await talk.send({ type: 'ready', shell: address })
  // A publisher that resumes may be asked for the end before this side can serve: it says so again then.
  const funded = await talk.expect('funded', { timeoutMs: STAGE_DEADLINE_MS.provision, skipping: 'notice' })
  const tx = checkFunding(channelParams(terms), funded)
  const funding = { txid: transactionId(tx), vout: funded.vout }
  const voucher = voucherVerifier(channelParams(terms), funding, party.curve)
  if (!voucher(funded.paid, fromHex(funded.signature)))
    throw badFunding('its first voucher is not signed by the channel’s key')
  await party.engine.broadcast(tx)
  const at = party.clock.now()
  const { capacitySats } = terms.channel
  const done = await ledger.try(
    [
      { kind: 'fund', at, ...funding, capacitySats },
      { kind: 'pay', at, tick: 0, paidSats: funded.paid },
    ],
    [
      { kind: 'fund', at, ...funding, raw: toHex(encodeTransaction(tx)) },
      { kind: 'pay', at, paid: funded.paid, signature: funded.signature },
    ],
  )
  if (isRefusal(done)) throw badFunding(`${done.refused}: ${done.why}`)
}

/**
 * The agreed capacity, to the agreed script, in a transaction that decodes.
 * @throws Fault `lease.bad-funding`
 */
export const checkFunding = (params: ChannelParams, { raw, vout }: { raw: string; vout: number }): Transaction => {
  let tx: Transaction
  try {
    tx = decodeTransaction(fromHex(raw))
  } catch (cause) {
    throw badFunding('it is not a transaction', cause)
  }
  const output = tx.outputs[vout]
  if (output?.value !== params.capacity)
    throw badFunding(`output ${vout} has ${output?.value} sats, ${params.capacity} are agreed`)
  if (!equal(output.script, p2wsh(fundingScript(params))))
    throw badFunding(`output ${vout} does not pay to the channel`)
  return tx
}

const badFunding = (what: string, cause?: unknown): Fault =>
  new Fault('lease.bad-funding', `the funding was refused: ${what}`, {
    culprit: 'publisher',
    next: 'Nothing was served; the publisher gets its coins back after the channel’s expiry.',
    cause,
  })
