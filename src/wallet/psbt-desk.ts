import { base64 } from '@scure/base'
import { equal, fromHex, toHex } from '../../domain/bytes.ts'
import { transactionId } from '../../domain/chain/codec.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { outPointKey } from '../../domain/chain/transaction.ts'
import { isRefusal } from '../../domain/fact.ts'
import { draftPayment } from '../../domain/wallet/draft.ts'
import { lookUp } from '../../domain/wallet/keyed.ts'
import type { KeyPathOf } from '../../domain/wallet/observe.ts'
import {
  combinePsbts,
  decodePsbt,
  encodePsbt,
  MAX_PSBT_BYTES,
  type Psbt,
  spentOutput,
} from '../../domain/wallet/psbt.ts'
import { bad } from '../../domain/wallet/psbt-map.ts'
import { createPsbt, extractTransaction, finalizePsbt, isSigned, signPsbt } from '../../domain/wallet/psbt-roles.ts'
import type { ChainEngine } from '../chain/port.ts'
import { chosenFee } from './fee.ts'
import type { Keys } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { MAX_COMBINED, type PsbtDesk } from './port.ts'

export type PsbtParts = {
  readonly keys: Keys
  readonly ledger: Ledger
  readonly engine: ChainEngine
  readonly curve: Curve
  readonly keyPathOf: KeyPathOf
}

const MAX_PSBT_CHARS = Math.ceil(MAX_PSBT_BYTES / 3) * 4

const read = (text: string): Psbt => {
  if (text.length > MAX_PSBT_CHARS) throw bad(`longer than ${MAX_PSBT_CHARS} characters`)
  let bytes: Uint8Array
  try {
    bytes = base64.decode(text.trim())
  } catch (cause) {
    throw bad('it is not in base64', cause)
  }
  return decodePsbt(bytes)
}

const write = (psbt: Psbt): string => base64.encode(encodePsbt(psbt))

const sum = (outputs: readonly { readonly value: bigint }[]): bigint =>
  outputs.reduce((all, { value }) => all + value, 0n)

export const openPsbtDesk = ({ keys, ledger, engine, curve, keyPathOf }: PsbtParts): PsbtDesk => ({
  create: async ({ outputs, version, ...choice }) => {
    const feeSatsPerKvb = await chosenFee(engine, choice)
    if (typeof feeSatsPerKvb !== 'bigint') return feeSatsPerKvb
    const tip = { height: (await engine.tip()).height, maturity: engine.network.coinbaseMaturity }
    const state = await ledger.state()
    const changePath = { account: 'change' as const, index: state.next.change }
    const changeScript = keys.at(changePath).script
    const drafts = draftPayment(state, { outputs, purpose: 'payment' }, { tip, feeSatsPerKvb, changeScript })
    if (isRefusal(drafts)) return drafts
    const [{ tx, coins, fee }] = drafts
    const spent = coins.map(({ value, keyPath }) => ({
      output: { value, script: keys.at(keyPath).script },
      origin: keys.origin(keyPath),
    }))
    const vout = tx.outputs.findIndex(({ script }) => equal(script, changeScript))
    const change = vout < 0 ? [] : [[vout, keys.origin(changePath)] as const]
    return { psbt: write(createPsbt(tx, spent, new Map(change), version)), fee }
  },

  sign: async (text) => {
    const state = await ledger.state()
    const psbt = read(text)
    const done = signPsbt(
      psbt,
      (index, spent) => {
        const keyPath = keyPathOf(toHex(spent.script), state.next)
        if (keyPath === undefined) return undefined
        const coin = lookUp(state.coins, outPointKey(psbt.tx.inputs[index]!))
        // A wrong amount would have us sign away more as fee than it shows.
        if (coin === undefined || coin.value !== spent.value || !equal(fromHex(coin.script), spent.script))
          throw bad(`input ${index} is said to spend a coin of this wallet that it does not have`)
        if (coin.bond) throw bad(`input ${index} spends the bond of an announcement`)
        return keys.at(keyPath)
      },
      curve,
    )
    return { psbt: write(done.psbt), signed: done.signed }
  },

  decode: async (text) => {
    const psbt = read(text)
    const { next } = await ledger.state()
    const isOwn = (script: Uint8Array): boolean => keyPathOf(toHex(script), next) !== undefined
    const inputs = psbt.tx.inputs.map(({ txid, vout }, index) => {
      const spent = spentOutput(psbt, index)
      const own = spent !== undefined && isOwn(spent.script)
      return { txid, vout, signed: isSigned(psbt, index), own, ...(spent === undefined ? {} : { spent }) }
    })
    const outputs = psbt.tx.outputs.map((output) => ({ ...output, own: isOwn(output.script) }))
    const [paid, spent] = [psbt.tx.outputs, inputs.map((input) => input.spent)]
    const known = spent.every((output) => output !== undefined)
    const fee = known ? sum(spent) - sum(paid) : undefined
    const { version, tx } = psbt
    return { version, txid: transactionId(tx), lockTime: tx.lockTime, inputs, outputs, ...(known ? { fee: fee! } : {}) }
  },

  combine: (texts) => {
    if (texts.length > MAX_COMBINED) throw bad(`more than ${MAX_COMBINED} of them`)
    return write(combinePsbts(texts.map(read)))
  },

  finalize: (text) => {
    const psbt = finalizePsbt(read(text))
    return { psbt: write(psbt), tx: extractTransaction(psbt, curve) }
  },
})
