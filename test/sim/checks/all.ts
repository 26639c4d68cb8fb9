import type { Check } from '../violation.ts'
import { agreement } from './agreement.ts'
import { coins } from './coins.ts'
import { culprits } from './culprits.ts'
import { ending } from './ending.ts'
import { providerExposure, publisherExposure } from './exposure.ts'
import { machines } from './machines.ts'
import { standing } from './standing.ts'

/** What holds in every world, whatever goes wrong in it. */
export const CHECKS: readonly Check[] = [
  coins,
  publisherExposure,
  providerExposure,
  agreement,
  machines,
  culprits,
  standing,
  ending,
]
