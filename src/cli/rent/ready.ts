import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import type { GraphqlClient } from '../../api/client.ts'
import { isOver, LEASE_FIELDS, type LeaseView } from '../lease/lease-view.ts'
import { interrupted, LOOK_MS } from '../lease/settle.ts'
import type { Progress } from '../progress.ts'

/** How long machines that were agreed in time may take until they are open, ms. */
export const OPEN_MS = 600_000

export type ReadyLease = LeaseView & { readonly shell: NonNullable<LeaseView['shell']> }

type Wanted = { readonly txid: string; readonly count: number; readonly waitMs: number }
type Seen = { readonly status: string; readonly leases: readonly LeaseView[] }

/** The leases that came of an announcement, newest first. */
export const leasesOf = async (client: GraphqlClient, txid: string): Promise<Seen> => {
  const { announcement, leases } = await client.request<{
    announcement: { status: string } | null
    leases: { edges: { node: LeaseView }[] }
  }>(
    `query($txid: Hex!) {
      announcement(txid: $txid) { status }
      leases(first: 100, filter: { announcement: [$txid], side: PUBLISHER }) { edges { node { ${LEASE_FIELDS} } } }
    }`,
    { txid },
  )
  return { status: announcement?.status ?? 'POSTED', leases: leases.edges.map(({ node }) => node) }
}

const isReady = (lease: LeaseView): lease is ReadyLease => lease.stage === 'METER' && lease.shell !== null

/**
 * Waits until so many machines as wanted are open. When nobody else will come: those that are.
 * @throws Fault `cli.timed-out` when there is none, `insufficient-funds` when that was why, `cli.interrupted`
 */
export const untilReady = async (
  client: GraphqlClient,
  { txid, count, waitMs }: Wanted,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly ReadyLease[]> => {
  const begun = performance.now()
  for (;;) {
    const seen = await leasesOf(client, txid)
    const ready = seen.leases.filter(isReady)
    if (signal.aborted) throw interrupted('The announcement is withdrawn, and what ran is paid.')
    const waited = performance.now() - begun
    const isClosed = waited > waitMs || seen.status === 'WITHDRAWN' || seen.status === 'EXPIRED'
    const coming = seen.leases.filter((lease) => !isOver(lease) && lease.stage !== 'SETTLE' && !isReady(lease))
    if (ready.length >= count || (isClosed && coming.length === 0) || waited > waitMs + OPEN_MS) {
      progress.clear()
      if (ready.length > 0) return ready.slice(0, count)
      throw nobody(seen, waited)
    }
    progress.show(waitsFor(seen, ready.length, count))
    await delay(LOOK_MS)
  }
}

const nobody = ({ leases }: Seen, waitedMs: number): Fault => {
  const why = leases.flatMap(({ end, providerKey }) =>
    end ? [`provider ${providerKey?.slice(0, 12) ?? 'unknown'}: ${end.code}: ${end.why}. ${end.next}`] : [],
  )
  const broke = leases.some(({ end }) => end?.code === 'insufficient-funds')
  const said = why.length === 0 ? 'no provider answered' : [...new Set(why)].join('; ')
  return new Fault(
    broke ? 'insufficient-funds' : 'cli.timed-out',
    `nobody rented out a machine within ${Math.round(waitedMs / 1_000)} s: ${said}`,
    {
      culprit: 'you',
      next: broke
        ? 'Receive coins (zennet wallet receive), then rent again.'
        : 'Raise --max-price, ask for less, wait longer (--wait), or see on a provider with zennet market ls which rule says no.',
    },
  )
}

/** What comes next for the lease that came the furthest. */
const WAITS: readonly (readonly [stage: string, text: string])[] = [
  ['METER', 'meter: waiting for the way to the machine’s shell'],
  ['PROVISION', 'provision: waiting for the machine; the channel is being funded'],
  ['NEGOTIATE', 'negotiate: offers are collected, the best is taken'],
  ['CHALLENGE', 'challenge: waiting for a provider to prove its key'],
  ['CONNECT', 'connect: a provider calls'],
]

const waitsFor = ({ status, leases }: Seen, ready: number, count: number): string => {
  const some = count > 1 ? `${ready} of ${count} machines ready; ` : ''
  for (const [stage, text] of WAITS)
    if (leases.some((lease) => lease.stage === stage && !isReady(lease))) return `${some}${text}`
  return status === 'POSTED'
    ? `${some}announce: waiting for the announcement to be in a block`
    : `${some}announce: waiting for providers to answer`
}
