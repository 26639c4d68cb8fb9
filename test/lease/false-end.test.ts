import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../domain/fact.ts'
import type { EndCode } from '../../domain/lease/ends.ts'
import { NO_USAGE } from '../../domain/usage.ts'
import { systemRandom } from '../../src/random/system.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'
import { type ProviderScript, servedTo } from './hostile.ts'
import { inRig, type Rig } from './rig.ts'

const MAX_PAUSE_MS = 60_000
const used = { ...NO_USAGE, wallUs: 1_000n }

/** A provider that is paid for a tick, by a publisher that agreed to pauses. */
const served = async (rig: Rig): Promise<ProviderScript> => {
  const txid = await rig.publisher.rent({ order: { maxPauseMs: MAX_PAUSE_MS } })
  await rig.publisher.fact('announcement.seen')
  const keys = deriveKeys(systemRandom.bytes(64), { coinType: 1 })
  const played = await servedTo(rig, keys, txid, (terms) => ({ ...terms, maxPauseMs: MAX_PAUSE_MS }))
  await played.script.send({ type: 'tick', tick: 1, usage: used })
  await played.script.until('voucher')
  return played
}

const says = (code: EndCode) => ({ type: 'end', code, why: 'it says', tick: 1, usage: used })

describe.concurrent('a provider that names an end which is not there', { timeout: 60_000 }, () => {
  it.for(['duration-reached', 'capacity-used', 'paused-too-long', 'stopped-by-publisher'] as const)(
    'is itself whose doing it was: %s',
    async (code) =>
      inRig({ providers: [] }, async (rig) => {
        const { script } = await served(rig)
        await script.send(says(code))
        expect(await rig.publisher.fact('lease.ended')).toMatchObject({
          code: 'stopped-by-provider',
          culprit: 'provider',
        })
      })(),
  )

  it(
    'cannot call a pause too long that has only begun',
    inRig({ providers: [] }, async (rig) => {
      const { script, leaseId } = await served(rig)
      expect(isRefusal(await rig.publisher.publisher.pauseLease(leaseId, true))).toBe(false)
      await script.until('pause')
      await script.send({ type: 'pausing', pauses: ['asked-by-publisher'] })
      await rig.publisher.fact('lease.paused')
      await script.send(says('paused-too-long'))
      expect(await rig.publisher.fact('lease.ended')).toMatchObject({ code: 'stopped-by-provider' })
    }),
  )

  it(
    'cannot fill the capacity by usage that is impossible',
    inRig({ providers: [] }, async (rig) => {
      const { script } = await served(rig)
      await script.send({ ...says('capacity-used'), tick: 2, usage: { ...used, wallUs: 3_600_000_000n } })
      expect(await rig.publisher.fact('lease.ended')).toMatchObject({ code: 'stopped-by-provider' })
      expect(await rig.publisher.facts('lease.metered')).toHaveLength(1)
    }),
  )
})
