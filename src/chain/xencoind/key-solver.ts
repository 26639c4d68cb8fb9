import { readFileSync } from 'node:fs'
import { fromHex } from '../../../domain/bytes.ts'
import type { Curve } from '../../../domain/chain/curve.ts'
import { Fault } from '../../../domain/fault.ts'
import { signTransaction } from '../../../domain/wallet/sign.ts'
import type { SolveBlock } from './template.ts'

/** Satisfies the challenge of an address by the key in `file`. @throws Fault `chain.bad-signing-key` */
export const keySolver = (file: string, curve: Curve): SolveBlock => {
  const secret = fromHex(readKey(file))
  const key = { secret, publicKey: curve.publicKey(secret) }
  return ({ tx, spent }) => {
    const [input] = signTransaction(tx, [{ value: spent[0]!.value, key }], curve).inputs
    return { scriptSig: input!.scriptSig, witness: input!.witness }
  }
}

const readKey = (file: string): string => {
  let cause: unknown
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (/^[0-9a-f]{64}$/.test(text)) return text
  } catch (error) {
    cause = error
  }
  throw new Fault('chain.bad-signing-key', `${file} does not hold a secret key`, {
    culprit: 'you',
    next: 'It must hold 64 hex digits and nothing else.',
    cause,
  })
}
