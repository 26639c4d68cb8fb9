import type { BlockHeader } from './block.ts'
import type { Network } from './network.ts'
import { bitsOf, targetOf } from './pow.ts'

/** How a block's target follows from its ancestors. */
export type DifficultyRule =
  /** Always the easiest. */
  | { readonly kind: 'fixed' }
  /** Bitcoin's: every `blocks` blocks, by how long they took, at most four times easier or harder. */
  | { readonly kind: 'retarget'; readonly blocks: number }
  /** Doubles or halves the target for each `halfLifeS` that the chain is behind or ahead of its schedule (aserti3-2d). */
  | { readonly kind: 'asert'; readonly halfLifeS: number; readonly anchorHeight: number }

/** A header of the chain that a block extends, by height. */
export type HeaderAt = (height: number) => Pick<BlockHeader, 'time' | 'bits'>

/** The compact target that the block at `height` must state. @param headerAt asked for heights below only */
export const nextBits = (network: Network, height: number, headerAt: HeaderAt): number => {
  const { difficulty, powLimitBits } = network
  switch (difficulty.kind) {
    case 'fixed':
      return powLimitBits
    case 'retarget':
      return height % difficulty.blocks === 0
        ? retargeted(network, difficulty.blocks, headerAt(height - difficulty.blocks), headerAt(height - 1))
        : headerAt(height - 1).bits
    case 'asert': {
      const { anchorHeight, halfLifeS } = difficulty
      if (height <= anchorHeight) return powLimitBits
      const anchor = headerAt(anchorHeight)
      return bitsOf(
        asertTarget({
          anchorTarget: mustBeTarget(anchor.bits),
          spacingS: network.spacingS,
          // Of the anchor itself and not of its parent: the schedule begins when the first block is found.
          elapsedS: headerAt(height - 1).time - anchor.time + network.spacingS,
          blocks: height - 1 - anchorHeight,
          limit: mustBeTarget(powLimitBits),
          halfLifeS,
        }),
      )
    }
  }
}

/** Bitcoin Core pow.cpp, CalculateNextWorkRequired; one block of each period is not counted, and that is law. */
const retargeted = (
  network: Network,
  blocks: number,
  first: Pick<BlockHeader, 'time'>,
  last: Pick<BlockHeader, 'time' | 'bits'>,
): number => {
  const wantedS = blocks * network.spacingS
  const tookS = Math.min(Math.max(last.time - first.time, Math.trunc(wantedS / 4)), wantedS * 4)
  const target = (mustBeTarget(last.bits) * BigInt(tookS)) / BigInt(wantedS)
  const limit = mustBeTarget(network.powLimitBits)
  return bitsOf(target > limit ? limit : target)
}

export type AsertInput = {
  readonly anchorTarget: bigint
  readonly spacingS: number
  /** From the anchor's parent to the newest block. */
  readonly elapsedS: number
  /** From the anchor to the newest block. */
  readonly blocks: number
  readonly limit: bigint
  readonly halfLifeS: number
}

/** Bits of the exponent after its point. */
const FRACTION_BITS = 16n

/**
 * `anchorTarget · 2^((elapsed − spacing · (blocks + 1)) / halfLife)` in integers: aserti3-2d of Bitcoin Cash (specification of
 * 2020-11-15), whose cubic comes within 0.013 % of 2^x.
 */
export const asertTarget = ({ anchorTarget, spacingS, elapsedS, blocks, limit, halfLifeS }: AsertInput): bigint => {
  const behindS = BigInt(elapsedS - spacingS * (blocks + 1))
  // BigInt division goes towards zero, as the specification wants; the shift goes down, and so does that of the reference.
  const exponent = (behindS << FRACTION_BITS) / BigInt(halfLifeS)
  const shifts = exponent >> FRACTION_BITS
  const x = exponent - (shifts << FRACTION_BITS)
  const factor = 65536n + ((195766423245049n * x + 971821376n * x * x + 5127n * x * x * x + (1n << 47n)) >> 48n)
  const shift = shifts - FRACTION_BITS
  const scaled = anchorTarget * factor
  // Nothing is that easy or that hard: a longer shift would only make a number of millions of bits.
  if (shift > 256n) return limit
  const target = shift >= 0n ? scaled << shift : scaled >> -shift
  if (target === 0n) return 1n
  return target > limit ? limit : target
}

const mustBeTarget = (bits: number): bigint => {
  const target = targetOf(bits)
  if (target === undefined) throw new RangeError(`not a target: ${bits}`)
  return target
}
