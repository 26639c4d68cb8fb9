import { describe, expect, it } from 'vitest'
import { announcementIn } from '../../../domain/announcement/on-chain.ts'
import { encodeRecord } from '../../../domain/announcement/record.ts'
import { fromHex, toHex } from '../../../domain/bytes.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import { nullData, p2pkh, p2wpkh, p2wsh } from '../../../domain/chain/script.ts'
import type { Transaction, TxInput, TxOutput } from '../../../domain/chain/transaction.ts'
import { AUTHOR, RECORD } from './sample.ts'

const author = fromHex(AUTHOR)
const other = fromHex(`03${'66'.repeat(32)}`)
const data = encodeRecord({ ...RECORD, isolation: 'namespace', bodyHash: fromHex(RECORD.bodyHash) })
const record: TxOutput = { value: 0n, script: nullData(data) }
const bond: TxOutput = { value: 1_000n, script: p2wpkh(hash160(author)) }
const input: TxInput = {
  txid: 'aa'.repeat(32),
  vout: 0,
  scriptSig: new Uint8Array(),
  sequence: 0xffffffff,
  witness: [new Uint8Array(71), author],
}
const tx = (outputs: readonly TxOutput[], inputs: readonly TxInput[] = [input]): Transaction => ({
  version: 2,
  inputs,
  outputs,
  lockTime: 0,
})
const signedBy = (...witness: Uint8Array[]) => [{ ...input, witness }]

describe('an announcement in a transaction', () => {
  it('is found with its author, bond and record', () => {
    expect(announcementIn(tx([record, bond]))).toEqual({ author: AUTHOR, bondSats: 1_000n, record: RECORD })
  })

  it('may have change and more inputs, whoever signed those', () => {
    const second = { ...input, witness: [new Uint8Array(71), other] }
    expect(
      announcementIn(tx([record, bond, { value: 5n, script: p2pkh(hash160(other)) }], [input, second]))?.author,
    ).toBe(AUTHOR)
  })

  it('is by who signed the first input', () => {
    const second = { ...input, witness: [new Uint8Array(71), author] }
    const first = { ...input, witness: [new Uint8Array(71), other] }
    expect(announcementIn(tx([record, bond], [first, second]))).toBeUndefined()
    const own = { value: 1_000n, script: p2wpkh(hash160(other)) }
    expect(announcementIn(tx([record, own], [first, second]))?.author).toBe(toHex(other))
  })

  it.each<[string, Transaction]>([
    ['without outputs', tx([])],
    ['without inputs', tx([record, bond], [])],
    ['without a bond', tx([record])],
    ['with bond and record exchanged', tx([bond, record])],
    ['with a bond for somebody else', tx([record, { ...bond, script: p2wpkh(hash160(other)) }])],
    ['with a bond to the key in the old form', tx([record, { ...bond, script: p2pkh(hash160(author)) }])],
    ['with a bond to a script', tx([record, { ...bond, script: p2wsh(author) }])],
    ['with other data', tx([{ value: 0n, script: nullData(new Uint8Array(77)) }, bond])],
    ['with a record that is cut', tx([{ value: 0n, script: nullData(data.subarray(0, 75)) }, bond])],
    ['with bytes behind the record', tx([{ value: 0n, script: Uint8Array.from([...record.script, 0]) }, bond])],
    ['with an empty script for a record', tx([{ value: 0n, script: new Uint8Array() }, bond])],
    ['without a witness', tx([record, bond], signedBy())],
    ['with a signature alone', tx([record, bond], signedBy(new Uint8Array(71)))],
    ['with more than signature and key', tx([record, bond], signedBy(new Uint8Array(71), author, author))],
    ['with a key that is not compressed', tx([record, bond], signedBy(new Uint8Array(71), new Uint8Array(65)))],
  ])('is none %s', (_what, transaction) => {
    expect(announcementIn(transaction)).toBeUndefined()
  })
})
