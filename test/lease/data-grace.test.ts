import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { inRig, leaseOf, type Rig } from './rig.ts'

const TIMEOUT_MS = 60_000
const GRACE_MS = 30_000

const ended = async (rig: Rig, dataGraceMs: number): Promise<string> => {
  const { publisher, provider } = rig
  await publisher.rent({ order: { dataGraceMs } })
  await publisher.fact('lease.paid', undefined, 3)
  const { leaseId } = (await leaseOf(publisher)).context
  await publisher.publisher.stopLease(leaseId)
  await rig.mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
  return leaseId
}

/** What its shell answers to a client of the publisher's. */
const hello = async ({ publisher }: Rig, leaseId: string): Promise<string> => {
  const port = await publisher.publisher.shellPort(leaseId)
  if (port === undefined) return ''
  const socket: Duplex = connect({ host: '127.0.0.1', port })
  return await text(socket).catch(() => '')
}

describe.concurrent('the data of a lease that has ended', { timeout: TIMEOUT_MS }, () => {
  it(
    'can be read for as long as agreed, is never thawed for it, and goes then; the chain does not wait',
    inRig({}, async (rig) => {
      const { provider } = rig
      const leaseId = await ended(rig, 4_000)
      expect(await provider.facts('lease.released')).toEqual([])
      await eventually('it is sealed', () => provider.machines.calls.includes(`seal ${leaseId}`))
      expect(provider.gateway.grants.get(leaseId)?.readOnly).toContain('this lease has ended')
      await provider.fact('lease.released')
      expect(provider.machines.calls.map((call) => call.split(' ')[0])).toEqual(['create', 'freeze', 'seal', 'remove'])
      expect(provider.gateway.grants.has(leaseId)).toBe(false)
    }),
  )

  it(
    'is kept through a restart of the provider, which calls the publisher again although all is paid',
    inRig({}, async (rig) => {
      const { provider, publisher } = rig
      const leaseId = await ended(rig, GRACE_MS)
      provider.life.fuse.blow()
      await provider.stop()
      await provider.start()
      await eventually('it is open again', () => provider.gateway.grants.get(leaseId)?.readOnly !== undefined)
      await eventually('the publisher is reached', async () => (await hello(rig, leaseId)) === 'hello')
      expect(await publisher.publisher.release(leaseId)).toBe(true)
      await provider.fact('lease.released')
      expect(provider.machines.stateOf(leaseId)).toBe('absent')
    }),
  )

  it(
    'goes at the time that the log says, though the provider was away when it came',
    inRig({}, async (rig) => {
      const { provider } = rig
      const leaseId = await ended(rig, GRACE_MS)
      provider.life.fuse.blow()
      await provider.stop()
      provider.jumpedMs = GRACE_MS
      await provider.start()
      await provider.fact('lease.released')
      expect(provider.gateway.grants.has(leaseId)).toBe(false)
    }),
  )

  it(
    'is kept when the budget is used up, too',
    inRig({}, async (rig) => {
      const { provider, publisher } = rig
      await publisher.rent({ order: { capacitySats: 8_000n, dataGraceMs: GRACE_MS } })
      expect(await provider.fact('lease.ended')).toMatchObject({ code: 'capacity-used' })
      const { leaseId } = (await leaseOf(provider)).context
      await eventually('it is open to read', () => provider.gateway.grants.get(leaseId)?.readOnly !== undefined)
      await rig.mineUntil(provider.fact('lease.settled'))
      expect(await publisher.publisher.release(leaseId)).toBe(true)
      await provider.fact('lease.released')
    }),
  )
})
