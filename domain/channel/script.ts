import { equal, fromHex } from '../bytes.ts'
import { transactionId } from '../chain/codec.ts'
import { LOCKTIME_THRESHOLD } from '../chain/locktime.ts'
import { OP } from '../chain/opcode.ts'
import { compileScript, p2wsh } from '../chain/script.ts'
import type { OutPoint, Transaction, TxOutput } from '../chain/transaction.ts'
import type { ChannelTerms } from './facts.ts'

/** What both sides of a payment channel agree before it is funded: everything its transactions follow from. */
export type ChannelParams = {
  /** Compressed, 33 bytes; fresh for this channel. */
  readonly publisherKey: Uint8Array
  /** Compressed, 33 bytes; fresh for this channel. */
  readonly providerKey: Uint8Array
  /** From this block height on the publisher may take everything back. */
  readonly expiryHeight: number
  /** Sats in the funding output. */
  readonly capacity: bigint
  /** Output script that returns what was not paid to the publisher. */
  readonly publisherScript: Uint8Array
  /** Output script that pays the provider. */
  readonly providerScript: Uint8Array
}

/** Terms as facts have them, in bytes. */
export const paramsOf = (terms: ChannelTerms): ChannelParams => {
  const { publisherKey, providerKey, expiryHeight, capacitySats, publisherScript, providerScript } = terms
  return {
    publisherKey: fromHex(publisherKey),
    providerKey: fromHex(providerKey),
    expiryHeight,
    capacity: capacitySats,
    publisherScript: fromHex(publisherScript),
    providerScript: fromHex(providerScript),
  }
}

type ScriptParams = Pick<ChannelParams, 'publisherKey' | 'providerKey' | 'expiryHeight'>

/**
 * The witness script of a channel: both together, or the publisher alone from `expiryHeight` on (a Spilman channel guarded by
 * BIP 65).
 *
 * `IF 2 <publisher> <provider> 2 CHECKMULTISIG ELSE <expiry> CHECKLOCKTIMEVERIFY DROP <publisher> CHECKSIG ENDIF`
 */
export const fundingScript = ({ publisherKey, providerKey, expiryHeight }: ScriptParams): Uint8Array => {
  if (publisherKey.length !== 33 || providerKey.length !== 33) throw new RangeError('channel keys are compressed')
  if (!Number.isInteger(expiryHeight) || expiryHeight < 1 || expiryHeight >= LOCKTIME_THRESHOLD) {
    throw new RangeError(`not a height: ${expiryHeight}`)
  }
  const together = [OP[2], publisherKey, providerKey, OP[2], OP.CHECKMULTISIG]
  const alone = [BigInt(expiryHeight), OP.CHECKLOCKTIMEVERIFY, OP.DROP, publisherKey, OP.CHECKSIG]
  return compileScript([OP.IF, ...together, OP.ELSE, ...alone, OP.ENDIF])
}

/** The output that opens the channel. */
export const fundingOutput = (params: ChannelParams): TxOutput => ({
  value: params.capacity,
  script: p2wsh(fundingScript(params)),
})

/** Where `tx` opens the channel: the first output with its script and its whole capacity. */
export const findFunding = (tx: Transaction, params: ChannelParams): OutPoint | undefined => {
  const wanted = fundingOutput(params)
  const vout = tx.outputs.findIndex(({ value, script }) => value === wanted.value && equal(script, wanted.script))
  return vout < 0 ? undefined : { txid: transactionId(tx), vout }
}

/** How `tx` spends a channel's funding: by a voucher, or back to the publisher after expiry; undefined when it does not. */
export const spendKind = (tx: Transaction, funding: OutPoint): 'close' | 'refund' | undefined => {
  const input = tx.inputs.find(({ txid, vout }) => txid === funding.txid && vout === funding.vout)
  if (input === undefined) return undefined
  // The element below the script chooses the branch.
  return (input.witness.at(-2)?.length ?? 0) > 0 ? 'close' : 'refund'
}
