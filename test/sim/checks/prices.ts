import { larger, smaller } from '../../../domain/money.ts'
import { mapPrice, type PriceVector, storagePrice } from '../../../domain/price.ts'
import type { Terms } from '../../../domain/terms.ts'

const over = ({ price, revision }: Terms, better: (a: bigint, b: bigint) => bigint): PriceVector => {
  if (revision?.past === undefined) return price
  const all = [price, ...revision.past.map((past) => past.price)]
  const of = (component: (price: PriceVector) => bigint) => all.map(component).reduce(better)
  return { ...mapPrice((key) => of((one) => one[key])), pausedDiskGiBHour: of(storagePrice) }
}

/** The most, and the least, that each component of a lease's price ever was. */
export const dearest = (terms: Terms): PriceVector => over(terms, larger)
export const cheapest = (terms: Terms): PriceVector => over(terms, smaller)
