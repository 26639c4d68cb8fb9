import type { BlockHeader } from '../../../domain/chain/block.ts'
import { targetOf } from '../../../domain/chain/pow.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'

/** Core shows a block's version and bits as eight hex digits. */
export const hex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
/** A target or an amount of work as 64 hex digits. */
export const hex256 = (value: bigint): string => value.toString(16).padStart(64, '0')
export const targetHex = (bits: number): string => hex256(targetOf(bits) ?? 0n)

/** How much harder than Bitcoin's easiest target; as Core computes it, in doubles, so that the last digit agrees. */
export const difficultyOf = (bits: number): number => {
  let shift = (bits >>> 24) & 0xff
  let difficulty = 0xffff / (bits & 0x00ffffff)
  for (; shift < 29; shift++) difficulty *= 256
  for (; shift > 29; shift--) difficulty /= 256
  return difficulty
}

/** How many blocks lie on this one in the active chain, itself counted; -1 when it is not in it. */
export const confirmationsOf = ({ inside }: Xencoind, entry: BlockEntry): number => {
  const { active } = inside.store
  return active.has(entry) ? active.tip()!.height - entry.height + 1 : -1
}

/** What every answer about a header has: `bits`, `target` and `difficulty`. */
export const workForm = ({ bits }: Pick<BlockHeader, 'bits'>) => ({
  bits: hex32(bits),
  target: targetHex(bits),
  difficulty: difficultyOf(bits),
})

/** What `getblockheader` gives; `getblock` adds to it. */
export const headerForm = (node: Xencoind, entry: BlockEntry) => {
  const { active, blocks } = node.inside.store
  const confirmations = confirmationsOf(node, entry)
  const next = confirmations < 0 ? undefined : active.at(entry.height + 1)?.hash
  const { header } = entry
  return {
    hash: entry.hash,
    confirmations,
    height: entry.height,
    version: header.version,
    versionHex: hex32(header.version),
    merkleroot: header.merkleRoot,
    time: header.time,
    mediantime: node.inside.medianTime(entry),
    nonce: header.nonce,
    ...workForm(header),
    chainwork: hex256(entry.work),
    nTx: entry.transactions,
    ...(blocks.get(header.previous) === undefined ? {} : { previousblockhash: header.previous }),
    ...(next === undefined ? {} : { nextblockhash: next }),
  }
}
