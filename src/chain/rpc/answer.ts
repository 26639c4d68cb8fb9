import { z } from 'zod'

// The parts of bitcoind's answers that are read; what else they hold is ignored.

export const hashAnswer = z.string().regex(/^[0-9a-f]{64}$/)
/** Bytes in hex; bounded by the client's limit on an answer. */
export const bytesAnswer = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'hex')))
const height = z.number().int().nonnegative()
/** Whole coins. */
const coins = z.number().nonnegative().max(21_000_000_000)

export const chainInfoAnswer = z.object({ blocks: height, bestblockhash: hashAnswer })

export const headerAnswer = z.object({
  height,
  /** -1 when the block is not in the active chain. */
  confirmations: z.number().int(),
  previousblockhash: hashAnswer.optional(),
  nextblockhash: hashAnswer.optional(),
})

export const transactionAnswer = z.object({ hex: bytesAnswer, blockhash: hashAnswer.optional() })

export const outputAnswer = z
  .object({
    bestblock: hashAnswer,
    confirmations: z.number().int().nonnegative(),
    value: coins,
    scriptPubKey: z.object({ hex: bytesAnswer }),
    coinbase: z.boolean(),
  })
  .nullable()

export const hashesAnswer = z.array(hashAnswer).max(1_000_000)

/** Coins per 1000 virtual bytes; absent while the node has not seen enough to tell. */
export const feeAnswer = z.object({ feerate: coins.optional() })

export const mempoolInfoAnswer = z.object({ mempoolminfee: coins, minrelaytxfee: coins })

/** Of `getmempoolentry`. */
export const poolEntryAnswer = z.object({ fees: z.object({ base: coins }) })

const scriptAnswer = z.object({ hex: bytesAnswer })
/** `getblock` with what was spent (verbosity 3). */
export const spentAnswer = z.object({
  height,
  tx: z.array(
    z.object({
      vin: z.array(
        z.object({
          coinbase: z.string().optional(),
          prevout: z.object({ generated: z.boolean(), height, value: coins, scriptPubKey: scriptAnswer }).optional(),
        }),
      ),
    }),
  ),
})
