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
import type { ServingEnd } from './serving.ts'

/**
 * Makes the machine first and takes the money then: a machine that cannot be made costs nobody a coin. Ends with the lease in
 * `meter`. Every step can be repeated after a crash.
 *
 * @returns why the lease has to end at once: the money is in its channel, and comes back by the close
 * @throws Fault of the machine port; `lease.bad-funding`; Rejected by the chain
 */
export const provision = async (
  party: ProviderParty,
  ledger: Ledger,
  terms: Terms,
  talk: Talk,
  signal: AbortSignal,
): Promise<ServingEnd | undefined> => {
  const { leaseId, image, resources, machineNetwork, shell } = terms
  await party.machines.create({ leaseId, image, resources, network: machineNetwork })
  const address = { user: shell.user, hostKey: shell.hostKey }
  await ledger.record([{ kind: 'provision', at: party.clock.now(), shell: address }])
  await talk.send({ type: 'ready', shell: address })
  // A publisher that resumes may be asked for the end before this side can serve: it says so again then.
  const funded = await talk.expect('funded', { timeoutMs: STAGE_DEADLINE_MS.provision, signal, skipping: 'notice' })
  const tx = checkFunding(channelParams(terms), funded)
  const funding = { txid: transactionId(tx), vout: funded.vout }
  const voucher = voucherVerifier(channelParams(terms), funding, party.curve)
  if (!voucher(funded.paid, fromHex(funded.signature)))
    throw badFunding('its first voucher is not signed by the channel’s key')
  const isGiven = await give(party, tx, terms, signal)
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
  if (isGiven) return undefined
  return { code: 'host-fault', why: 'its chain is out of reach: the channel is closed when it is back' }
}

/** How often a chain that is away is asked again, ms. */
const CHAIN_RETRY_MS = 500

/**
 * The publisher has locked its coins by now: a chain that is away says nothing of them, and is waited for as long as the publisher waits.
 * @returns false when it stayed away. @throws Rejected by the chain
 */
const give = async (party: ProviderParty, tx: Transaction, terms: Terms, signal: AbortSignal): Promise<boolean> => {
  const { engine, clock, log } = party
  const untilUs = clock.steadyUs() + Math.min(terms.reconnectMs, STAGE_DEADLINE_MS.provision) * 1_000
  for (;;) {
    try {
      await engine.broadcast(tx)
      return true
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'chain.unreachable') throw error
      if (clock.steadyUs() >= untilUs) return false
      log.warn({ lease: terms.leaseId, err: error }, 'the funding cannot be given to the chain yet; trying again')
    }
    await clock.sleep(CHAIN_RETRY_MS, signal)
  }
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
