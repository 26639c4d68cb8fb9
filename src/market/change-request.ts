import type { Change } from '../../domain/lease/change.ts'
import { scalePrice } from '../../domain/price.ts'
import type { Terms } from '../../domain/terms.ts'
import type { ChangeRequest } from '../api/port.ts'

/** A request as people make it, said in full: the price in parts of the present one, the duration also as so much more. */
export const changeOf = (terms: Terms, { pricePercent, longerByMs, ...times }: ChangeRequest): Change => ({
  ...times,
  ...(longerByMs === undefined ? {} : { maxDurationMs: terms.maxDurationMs + longerByMs }),
  ...(pricePercent === undefined
    ? {}
    : { price: { ...scalePrice(terms.price, BigInt(pricePercent), 100n), startMsat: terms.price.startMsat } }),
})
