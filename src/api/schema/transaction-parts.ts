import { toHex } from '../../../domain/bytes.ts'
import { type OutPoint, outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import { outputs as outputRows } from '../../../projections/outputs.ts'
import type { KnownTransaction } from '../port.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'

/** Inputs of one transaction that are looked up with the chain engine where there is no index: each may be a read of a block. */
export const MAX_RESOLVED = 50

type Input = OutPoint & { readonly sats?: bigint; readonly address?: string; readonly position: number }
type Output = {
  readonly vout: number
  readonly sats: bigint
  readonly script: Uint8Array
  readonly address?: string
  readonly spentBy?: { readonly txid: string; readonly height: number }
  readonly position: number
}

export const TxInputType = builder.objectRef<Input>('TransactionInput').implement({
  description: 'The output that is spent; a coinbase spends the output of no transaction, all zeros.',
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    vout: t.exposeFloat('vout'),
    sats: t.field({
      type: 'Amount',
      nullable: true,
      description: `What it was worth; null of a coinbase, and where nobody knows: without an index, after ${MAX_RESOLVED} inputs.`,
      resolve: ({ sats }) => sats ?? null,
    }),
    address: t.string({
      nullable: true,
      description: 'Null also when its script has none.',
      resolve: ({ address }) => address ?? null,
    }),
    position: t.expose('position', { type: 'Position', description: 'Of its transaction.' }),
  }),
})

export const TxOutputType = builder.objectRef<Output>('TransactionOutput').implement({
  fields: (t) => ({
    vout: t.exposeInt('vout'),
    sats: t.expose('sats', { type: 'Amount' }),
    script: t.field({ type: 'Hex', resolve: ({ script }) => toHex(script) }),
    address: t.string({
      nullable: true,
      description: 'Null when its script has none.',
      resolve: ({ address }) => address ?? null,
    }),
    spentBy: t.field({
      type: 'Hex',
      nullable: true,
      description: 'The transaction in a block that spends it; null also where there is no index (chainIndex).',
      resolve: ({ spentBy }) => spentBy?.txid ?? null,
    }),
    spentHeight: t.int({ nullable: true, resolve: ({ spentBy }) => spentBy?.height ?? null }),
    position: t.expose('position', { type: 'Position', description: 'Of its transaction, or of its spend.' }),
  }),
})

/** What a transaction spends, from the index, else from the chain engine. */
export const inputsOf = async (context: ApiContext, tx: Transaction, position: number): Promise<Input[]> => {
  const inputs: Input[] = []
  const known = new Map<string, KnownTransaction | undefined>()
  for (const { txid, vout } of tx.inputs) {
    const point = { txid, vout, position }
    const row = context.projector.byId(outputRows, outPointKey(point))
    if (row !== undefined) {
      inputs.push({ ...point, sats: row.sats, ...(row.address === '' ? {} : { address: row.address }) })
      continue
    }
    if (!known.has(txid) && known.size < MAX_RESOLVED) known.set(txid, await context.market.transaction(txid))
    const output = known.get(txid)?.tx.outputs[vout]
    const address = known.get(txid)?.addresses[vout]
    inputs.push({ ...point, ...(output && { sats: output.value }), ...(address === undefined ? {} : { address }) })
  }
  return inputs
}

export const outputsOf = (
  { projector }: ApiContext,
  txid: string,
  { tx, addresses }: KnownTransaction,
  position: number,
): Output[] =>
  tx.outputs.map(({ value, script }, vout) => {
    const row = projector.byId(outputRows, outPointKey({ txid, vout }))
    const address = addresses[vout]
    return {
      vout,
      sats: value,
      script,
      ...(address === undefined ? {} : { address }),
      ...(row?.spentBy && { spentBy: row.spentBy }),
      position: Math.max(position, row?.position ?? 0),
    }
  })
