import type { ApiContext } from '../schema/context.ts'
import { OWNER, type Principal, type Session } from './principal.ts'
import { scopedJournal } from './scoped-journal.ts'
import { scopedMarket } from './scoped-market.ts'
import { scopedProjector } from './scoped-projector.ts'

export type BaseContext = Omit<ApiContext, 'principal' | 'order'>

/** As which the anonymous are shown things: no key is written like this, and no scope lets it ask for any. */
const NOBODY: Session = {
  kind: 'session',
  id: 'nobody',
  key: 'nobody',
  scopes: new Set(),
  spendLimitSats: 0n,
  issuedAt: 0,
  expiresAt: 0,
}

/**
 * What the resolvers of a principal have. A session is given ports that show only what it may see, so a field that is added later
 * cannot show more. The owner's is always the same object.
 */
export const contextsOf = (base: BaseContext): ((principal: Principal) => ApiContext) => {
  const owner: ApiContext = { ...base, principal: OWNER }
  return (principal) => {
    if (principal.kind === 'owner') return owner
    const session = principal.kind === 'session' ? principal : NOBODY
    // Named one by one: what is added to the context has to be decided on here.
    return {
      principal,
      market: scopedMarket(base.market, base.projector, base.sessions, session, base.clock),
      projector: scopedProjector(base.projector, session.key),
      journal: scopedJournal(base.journal, base.projector, session.key),
      clock: base.clock,
      metrics: base.metrics,
      sessions: base.sessions,
      closing: base.closing,
    }
  }
}
