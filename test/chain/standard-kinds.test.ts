import { p2ms, p2pkh, p2sh, p2tr, p2tr_ns, p2wpkh, p2wsh, Transaction as ScureTransaction } from '@scure/btc-signer'
import { describe, expect, it } from 'vitest'
import { decodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { Rejected } from '../../src/chain/port.ts'
import type { Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { curve, key, spend } from './coins.ts'
import { freshNode, ripeCoins } from './fresh-node.ts'

const alice = key(1)
const secrets = [7, 8].map((byte) => new Uint8Array(32).fill(byte))
const [a, b] = secrets.map((secret) => curve.publicKey(secret)) as [Uint8Array, Uint8Array]
const xOnly = (compressed: Uint8Array): Uint8Array => compressed.subarray(1)

/** What btc-signer makes of each kind of output that nodes relay; `secrets` unlock all of them. */
const kinds: [string, { script: Uint8Array }][] = [
  ['P2PKH', p2pkh(a)],
  ['P2SH multisig', p2sh(p2ms(2, [a, b]))],
  ['P2SH-P2WPKH', p2sh(p2wpkh(a))],
  ['P2SH-P2WSH', p2sh(p2wsh(p2ms(2, [a, b])))],
  ['P2WPKH', p2wpkh(a)],
  ['P2WSH', p2wsh(p2ms(1, [a, b]))],
  ['P2TR by its key', p2tr(xOnly(a))],
  [
    'P2TR by a script',
    p2tr(
      undefined,
      { script: (p2tr_ns(2, [xOnly(a), xOnly(b)])[0] as { script: Uint8Array }).script },
      undefined,
      true,
    ),
  ],
]

describe('spends that another library signed', () => {
  /** Pays to the output in a block, and spends it with signatures of btc-signer. */
  const spendOf = async (node: Xencoind, payment: { script: Uint8Array }): Promise<Transaction> => {
    const [coin] = await ripeCoins(node, alice, 1)
    const value = coin!.value - 1000n
    const funding = spend({ from: [coin!], to: [{ value, script: payment.script }] })
    await node.broadcast(funding)
    await node.mine(1, alice.script)
    const tx = new ScureTransaction({ version: 2, allowLegacyWitnessUtxo: true })
    tx.addInput({
      ...payment,
      txid: transactionId(funding),
      index: 0,
      witnessUtxo: { script: payment.script, amount: value },
    })
    tx.addOutput({ script: alice.script, amount: value - 1000n })
    for (const secret of secrets) {
      try {
        tx.signIdx(secret, 0)
      } catch {
        // Not a key of this output.
      }
    }
    tx.finalize()
    return decodeTransaction(tx.toBytes(true, true))
  }

  it.each(kinds)('%s: taken, mined, and refused when the amount is another', async (_, payment) => {
    const { node } = await freshNode()
    const tx = await spendOf(node, payment)
    const output = tx.outputs[0] as Transaction['outputs'][0]
    const altered = { ...tx, outputs: [{ ...output, value: output.value - 1n }] }
    const refused = await node.broadcast(altered).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Rejected)
    expect((refused as Rejected).reason).toMatch(/^mempool-script-verify-flag-failed/)
    const txid = await node.broadcast(tx)
    const [hash] = await node.mine(1, alice.script)
    expect((await node.transaction(txid))?.block?.hash).toBe(hash)
  })
})
