import type { Block } from '../../domain/chain/block.ts'
import { headerHash } from '../../domain/chain/codec.ts'
import { checkProofOfWork } from '../../domain/chain/pow.ts'
import { subsidyAt } from '../../domain/chain/subsidy.ts'
import { assembleBlock } from '../../domain/chain/template.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import type { Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import type { Key } from './coins.ts'

let extraNonce = 1n

export type Parent = { readonly hash: string; readonly height: number }

/** A block on any parent, as another miner would make it; `change` spoils it before its work is done. */
export const makeBlock = (
  node: Xencoind,
  parent: Parent,
  owner: Key,
  options: { transactions?: readonly Transaction[]; fees?: bigint; change?: (block: Block) => Block } = {},
): Block => {
  const { transactions = [], fees = 0n, change = (block) => block } = options
  const height = parent.height + 1
  const entry = node.inside.store.blocks.get(parent.hash)
  const assembled = assembleBlock({
    bits: node.network.powLimitBits,
    previous: parent.hash,
    height,
    time: entry === undefined ? Math.floor(Date.now() / 1000) : node.inside.medianTime(entry) + 1,
    transactions,
    script: owner.script,
    value: subsidyAt(node.network, height) + fees,
    extraNonce: extraNonce++,
  })
  return withWork(node, change(assembled))
}

export const withWork = (node: Xencoind, block: Block): Block => {
  for (let nonce = 0; ; nonce++) {
    const header = { ...block.header, nonce }
    if (checkProofOfWork(header, node.network)) return { ...block, header }
  }
}

export const refOf = (block: Block, height: number): Parent => ({ hash: headerHash(block.header), height })
