import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Told as Words } from '../api/fault.ts'
import { useTyped } from '../api/typed.ts'
import { graphql } from '../graphql.ts'
import { Told } from '../part/told.tsx'
import type { Lent } from './lending.tsx'
import { type OtherRules, whatIfInput } from './other-rules.ts'
import { RuleFields } from './rule-fields.tsx'
import { type Found, Outcome } from './what-if-outcome.tsx'

const WHAT_IF = graphql(`
  query TryRules($input: WhatIfInput!) {
    # once
    whatIf(input: $input) {
      __typename
      ... on Problem { code message culprit next }
      ... on WhatIf {
        announcements
        truncated
        present { matched machines earnedMsat exclusions { rule excludes alone } }
        changed { matched machines earnedMsat exclusions { rule excludes alone } }
      }
    }
  }
`)

/** What other rules would have made of the announcements that were seen: how many match, what they earn, and which rule loses most. */
export const WhatIf = ({ of }: { readonly of: Lent }) => {
  const now = useRef(Date.now())
  const rules = useSignal<OtherRules>({
    pricePercent: '100',
    floorPercent: '',
    maxHours: String(of.maxDurationS / 3_600),
    maxLeases: String(of.maxLeases),
    images: '',
    internet: of.internet,
    trustAnybody: false,
    days: '1',
  })
  const set = (changes: Partial<OtherRules>): void => {
    rules.value = { ...rules.peek(), ...changes }
  }
  const { data, fault } = useTyped(WHAT_IF, { input: whatIfInput(rules.value, now.current) }).value
  const found = data?.whatIf
  const kept = useRef<Found | undefined>(undefined)
  if (found?.__typename === 'WhatIf') kept.current = found
  const problem = fault ?? (found !== undefined && found.__typename !== 'WhatIf' ? (found as Words) : undefined)
  return (
    <section class="card">
      <h2>What if the rules were others</h2>
      <p>
        Tried on the announcements that were seen lately. Nothing is changed here: what pleases goes into the node’s
        settings.
      </p>
      <div class="two">
        <RuleFields rules={rules.value} set={set} isTrusting={of.trustedKeys === null} />
        <div aria-live="polite">
          {problem && <Told told={problem} />}
          {kept.current && <Outcome of={kept.current} />}
        </div>
      </div>
    </section>
  )
}
