import { OPENING_SATS } from '../../../domain/channel/legs.ts'
import { fullUseMsat, owedMsat } from '../../../domain/price.ts'
import { tickAheadMsat } from '../../../domain/terms.ts'
import { NO_USAGE, USAGE_SLACK_US } from '../../../domain/usage.ts'
import type { Account } from '../truth.ts'
import { pausedUsOf } from '../truth.ts'
import { type Check, Violation } from '../violation.ts'
import type { World } from '../world.ts'
import { awayMs, isHostile } from './excuses.ts'
import { cheapest, dearest } from './prices.ts'

/** Sats may be rounded up once for each side. */
const ROUNDING_MSAT = 2_000n
/** Between a reading and the machine's standing still: calls of the driver, commits, messages, ms. */
const SLACK_MS = 1_500

const machineOf = (world: World, provided: Account) =>
  world.node(provided.node).world.machines?.ever.get(provided.leaseId)

/** What the disk of a machine was worth while it stood still. */
const pausedOf = ({ timeline: { nowUs } }: World, provided: Account, diskBytes: number) => {
  const wallUs = BigInt(Math.ceil(pausedUsOf(provided, nowUs)))
  return { wallUs, diskByteSeconds: (BigInt(diskBytes) * wallUs) / 1_000_000n }
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** A publisher has never paid for more than one tick that it was not served. */
export const publisherExposure: Check = {
  name: 'publisher-exposure',
  atWrite(world, { account, fact }) {
    if (fact.type !== 'lease.paid' || account.lease.context.side !== 'publisher') return
    const { terms, paidSats, topUps } = account.lease.context
    const provided = world.truth.provided(account.leaseId)
    if (terms === undefined || provided === undefined) return
    const machine = machineOf(world, provided)
    const used = machine && world.node(provided.node).world.machines!.usage(machine)
    const usage = used && { ...used, paused: pausedOf(world, provided, terms.resources.diskBytes) }
    const price = dearest(terms)
    const trusted = !isHostile(world, provided.node) && !machine?.lying
    // What a provider says that lies is held against the time alone.
    const sinceUs = BigInt(Math.ceil(world.timeline.nowUs - account.since.get('lease.funded')!)) + USAGE_SLACK_US
    const usedMsat = trusted
      ? owedMsat(price, usage ?? NO_USAGE)
      : price.startMsat + fullUseMsat(price, terms.resources, sinceUs)
    // Each channel that is begun pays at least the opening.
    const openingsMsat = OPENING_SATS * BigInt(topUps.length) * 1_000n
    const aheadMsat = larger(usedMsat + tickAheadMsat({ ...terms, price }), OPENING_SATS * 1_000n)
    const mostMsat = aheadMsat + openingsMsat + ROUNDING_MSAT
    if (paidSats * 1_000n > mostMsat)
      throw new Violation(
        'publisher-exposure',
        `lease ${account.leaseId}: ${paidSats} sats paid, ${mostMsat} msat are the most`,
        account.node,
      )
  },
}

/** A provider has never served for longer than the grace without being paid, nor for more ticks than it agreed to on coins that were in no block. */
export const providerExposure: Check = {
  name: 'provider-exposure',
  atLook(world) {
    for (const node of world.nodes.values()) {
      const host = node.world.machines
      if (host === undefined) continue
      for (const [leaseId, machine] of host.machines) {
        const account = world.truth.of(node.name, leaseId)
        const { terms, paidSats, end } = account?.lease.context ?? {}
        if (terms === undefined || end || !machine.open || machine.state.status !== 'running') continue
        // While the driver does not answer, or the process stands still, nobody can freeze the machine.
        const excusedMs = awayMs(world, node.name, ['stall', 'driver-hangs', 'disk-slow'])
        const graceUs = BigInt(terms.graceTicks * terms.tickMs + SLACK_MS + excusedMs) * 1_000n
        const mostMsat = paidSats! * 1_000n + fullUseMsat(dearest(terms), terms.resources, graceUs) + ROUNDING_MSAT
        const usedMsat = owedMsat(cheapest(terms), host.usage(machine))
        const trustUs = BigInt((terms.unconfirmedTicks + 1) * terms.tickMs + SLACK_MS + excusedMs) * 1_000n
        const trustedMsat = terms.price.startMsat + fullUseMsat(dearest(terms), terms.resources, trustUs)
        if (!account!.since.has('channel.opened') && usedMsat > trustedMsat)
          throw new Violation(
            'provider-exposure',
            `lease ${leaseId}: ${usedMsat} msat served on coins that were in no block`,
            node.name,
          )
        if (usedMsat > mostMsat)
          throw new Violation(
            'provider-exposure',
            `lease ${leaseId}: ${usedMsat} msat served, ${paidSats} sats paid`,
            node.name,
          )
      }
    }
  },
}
