import type { Refusal } from '../../domain/fact.ts'
import type { ChainEngine } from '../chain/port.ts'
import { FEE_TARGET_BLOCKS, type FeeChoice, MAX_FEE_RATE, MAX_TARGET_BLOCKS } from './port.ts'

/** Sats for 1,000 virtual bytes: as chosen, else the chain's estimate, within bounds. @throws Fault `chain.unreachable` */
export const chosenFee = async (
  engine: Pick<ChainEngine, 'feeRate'>,
  { feeRate, targetBlocks }: FeeChoice,
): Promise<bigint | Refusal<'bad-fee-rate' | 'bad-target'>> => {
  if (feeRate !== undefined && !(feeRate >= 1 && feeRate <= MAX_FEE_RATE))
    return { refused: 'bad-fee-rate', why: `a fee rate is 1 to ${MAX_FEE_RATE} sat/vB` }
  if (
    targetBlocks !== undefined &&
    !(Number.isInteger(targetBlocks) && targetBlocks >= 1 && targetBlocks <= MAX_TARGET_BLOCKS)
  )
    return { refused: 'bad-target', why: `a target is 1 to ${MAX_TARGET_BLOCKS} blocks` }
  const estimate = async () =>
    Math.min(Math.max(1, await engine.feeRate(targetBlocks ?? FEE_TARGET_BLOCKS)), MAX_FEE_RATE)
  return BigInt(Math.ceil((feeRate ?? (await estimate())) * 1000))
}
