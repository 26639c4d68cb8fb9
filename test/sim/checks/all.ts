import type { Check } from '../violation.ts'
import { agreement } from './agreement.ts'
import { budget } from './budget.ts'
import { coins } from './coins.ts'
import { culprits } from './culprits.ts'
import { data } from './data.ts'
import { ending } from './ending.ts'
import { providerExposure, publisherExposure } from './exposure.ts'
import { machines } from './machines.ts'
import { pauses } from './pauses.ts'
import { standing } from './standing.ts'
import { terms } from './terms.ts'

/** What holds in every world, whatever goes wrong in it. */
export const CHECKS: readonly Check[] = [
  coins,
  publisherExposure,
  providerExposure,
  agreement,
  terms,
  machines,
  pauses,
  data,
  budget,
  culprits,
  standing,
  ending,
]
