import { fromHex } from '../../domain/bytes.ts'
import { nullData } from '../../domain/chain/script.ts'
import { key } from './coins.ts'

const compressed = Buffer.from(key(3).publicKey).toString('hex')
const other = Buffer.from(key(4).publicKey).toString('hex')

/** An output of every kind that nodes relay. */
export const OUTPUT_KINDS: readonly { readonly kind: string; readonly script: Uint8Array }[] = [
  { kind: 'pubkey', script: fromHex(`21${compressed}ac`) },
  { kind: 'pubkeyhash', script: fromHex(`76a914${'11'.repeat(20)}88ac`) },
  { kind: 'scripthash', script: fromHex(`a914${'22'.repeat(20)}87`) },
  { kind: 'multisig', script: fromHex(`5121${compressed}21${other}52ae`) },
  { kind: 'witness_v0_keyhash', script: fromHex(`0014${'33'.repeat(20)}`) },
  { kind: 'witness_v0_scripthash', script: fromHex(`0020${'44'.repeat(32)}`) },
  { kind: 'witness_v1_taproot', script: fromHex(`5120${compressed.slice(2)}`) },
  { kind: 'anchor', script: fromHex('51024e73') },
  { kind: 'witness_unknown', script: fromHex(`5210${'55'.repeat(16)}`) },
  { kind: 'nulldata', script: nullData(Uint8Array.of(1, 2, 3, 4, 5)) },
]
