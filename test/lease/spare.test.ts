import { describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { BODY, inRig } from './rig.ts'

const TIMEOUT_MS = 60_000
type Judged = Extract<AnnouncementFact, { type: 'announcement.judged' }> & Record<string, never>
type Refused = Extract<LeaseFact, { type: 'lease.refused' }> & Record<string, never>

describe.concurrent('a provider of spare cycles', { timeout: TIMEOUT_MS }, () => {
  it('takes no lease that does not fit into its hours, and says so; and one that does', async () => {
    let leftMs = BODY.maxDurationMs - 1
    const open = () => ({ leftMs, until: 'in the hours 18:00-08:00' })
    await inRig({ providers: [{ open }] }, async ({ publisher, provider }) => {
      await publisher.rent()
      const { verdict } = await provider.fact<Judged>('announcement.judged')
      expect(verdict.rules.filter(({ ok }) => !ok)).toEqual([
        { rule: 'hours', ok: false, want: '3600000 ms', have: '3599999 ms, in the hours 18:00-08:00' },
      ])
      expect(await provider.facts('lease.sought')).toEqual([])
      leftMs += 1
      await publisher.fact('lease.paid', undefined, 2)
    })()
  })

  it(
    'takes no lease that it could not pause, where its owner comes first',
    inRig({ providers: [{ mustPause: true }] }, async ({ publisher, provider }) => {
      await publisher.rent()
      expect(await publisher.fact<Refused>('lease.refused')).toMatchObject({ code: 'policy-says-no' })
      expect(provider.machines.calls).toEqual([])
      await publisher.rent({ order: { maxPauseMs: 60_000 } })
      await publisher.fact('lease.paid', undefined, 2)
    }),
  )
})
