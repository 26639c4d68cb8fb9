import type { Lending } from '../api/port.ts'
import type { Seeker } from './seeker.ts'

/** What a provider lends out at this moment. */
export const lendingOf = ({ policy, total, open }: Seeker['lending']): Lending => ({ policy, total, open: open?.() })
