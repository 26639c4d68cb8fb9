import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { type KurrentdbJournal, openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { type Double, startDouble } from '../journal/kurrentdb-double/double.ts'
import { leaseOf, openRig, type Rig } from './rig.ts'

const TIMEOUT_MS = 90_000
type Side = 'publisher' | 'provider'

/** A whole market whose two sides keep their logs on servers of their own: what a node does, on the adapter. */
describe('a lease with its logs on KurrentDB (on doubles of a server)', { timeout: TIMEOUT_MS }, () => {
  let rig: Rig
  let doubles: Record<Side, Double>
  const journals: KurrentdbJournal[] = []
  beforeEach(async () => {
    doubles = { publisher: await startDouble(), provider: await startDouble() }
    const open = async (side: Side) => {
      const journal = await openKurrentdbJournal({ url: doubles[side].url })
      journals.push(journal)
      return journal
    }
    rig = await openRig({ journal: (side) => open(side === 'publisher' ? 'publisher' : 'provider') })
  }, TIMEOUT_MS)
  afterEach(async () => {
    await rig.close()
    for (const journal of journals.splice(0)) await journal.close()
    for (const double of Object.values(doubles)) double.kill()
  })
  const restart = async (side: Side) => {
    const { store, port } = doubles[side]
    doubles[side] = await startDouble({ store, port })
  }

  /** As a person would: again and again, until it is in the log. */
  const stop = async () => {
    const { context } = await leaseOf(rig.publisher)
    for (;;) {
      const asked = await rig.publisher.publisher.stopLease(context.leaseId).then(
        () => true,
        () => false,
      )
      if (asked) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  const settled = async () => {
    const { publisher, provider, mineUntil } = rig
    await mineUntil(Promise.all([publisher.fact('lease.settled'), provider.fact('lease.settled')]))
    await provider.fact('lease.released')
    const [ours, theirs] = [(await leaseOf(publisher)).context, (await leaseOf(provider)).context]
    expect(ours.receipt).toEqual(theirs.receipt)
    expect(ours.paidSats).toBe(theirs.paidSats)
    const sent = (await publisher.facts()).filter((fact) => (fact as Fact & { purpose?: string }).purpose === 'funding')
    expect(sent).toHaveLength(1)
    expect(provider.machines.calls.map((call) => call.split(' ')[0]).filter((call) => call === 'create')).toHaveLength(
      1,
    )
    const ticks = (await provider.facts('lease.metered')).map((fact) => fact.tick)
    expect(ticks).toEqual(ticks.map((_, i) => i + 1))
  }

  it('goes from announced to settled, to the sat on both sides', async () => {
    await rig.publisher.rent()
    await rig.publisher.fact('lease.paid', undefined, 4)
    await stop()
    await settled()
  })

  it.each<Side>(['publisher', 'provider'])('outlives a restart of the %s', async (side) => {
    await rig.publisher.rent()
    await rig.publisher.fact('lease.paid', undefined, 2)
    rig[side].life.fuse.blow()
    await rig[side].stop()
    await rig[side].start()
    const paid = (await rig.publisher.facts('lease.paid')).length
    await rig.publisher.fact('lease.paid', undefined, paid + 2)
    await stop()
    await settled()
  })

  it.each<Side>(['publisher', 'provider'])(
    'outlives a server of the %s that goes away and comes back',
    async (side) => {
      await rig.publisher.rent()
      await rig.publisher.fact('lease.paid', undefined, 2)
      doubles[side].kill()
      const other = side === 'publisher' ? rig.provider : rig.publisher
      // Others live on: their log takes facts as before.
      const before = (await other.facts()).length
      await rig.mine()
      while ((await other.facts()).length === before) await new Promise((resolve) => setTimeout(resolve, 20))
      await restart(side)
      const paid = (await rig.publisher.facts('lease.paid')).length
      await rig.publisher.fact('lease.paid', undefined, paid + 2)
      await stop()
      await settled()
    },
  )
})
