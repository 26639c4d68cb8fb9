import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { comesToBe, goesOn } from './goes-on.ts'
import { type Island, openIsland, openPassage, skipWithoutIsland, whyNoIsland } from './island.ts'
import { LIMIT_MS, type Market, openMarket } from './market.ts'
import { stopLease } from './story.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
]
const unable = skipWithoutIsland() || (missing.length > 0 && !process.env['CI'])
const timeout = 3 * LIMIT_MS

/** The provider stands still there, so that the cable is cut before anything else is said. */
const STAGES = [
  ['announce', 'announcement.seen'],
  ['connect', 'lease.sought'],
  ['challenge', 'lease.connected'],
  ['negotiate', 'lease.offered'],
  ['provision', 'lease.provisioned'],
  ['meter', 'lease.metered'],
] as const
/** Longer than a tick and its grace. */
const CUT_MS = 1_500
const RECONNECT_MS = 8_000

describe.skipIf(unable)(
  `the network between two nodes is cut ${[whyNoIsland(), ...missing.map((name) => `no ${name}`)].filter(Boolean)}`,
  { timeout },
  () => {
    let island: Island
    let passage: Awaited<ReturnType<typeof openPassage>>
    let market: Market
    const running: string[] = []
    /** Cuts the peers' cable when the provider has written down this fact; the chain stays in reach of both. */
    const cutAfter = async (fact: string) => {
      await market.provider.halted()
      island.cables[0]!.cut()
      process.kill(market.provider.daemon().pid, 'SIGCONT')
      return fact
    }
    beforeAll(async () => {
      island = await openIsland(2)
      const [peers, rest] = island.cables as [Island['cables'][0], Island['cables'][0]]
      const target = { port: 0 }
      passage = await openPassage(rest.here, () => target.port)
      market = await openMarket({
        machines: 'namespace',
        provider: (chain) => {
          target.port = Number(new URL(chain.url).port)
          const elsewhere = ['--chain', `http://${rest.here}:${passage.port}/`, '--api-host', rest.there]
          return [...elsewhere, '--reconnect-ms', String(RECONNECT_MS)]
        },
        publisher: () => ['--publisher-host', peers.here],
        run: (side) => (side === 'provider' ? { fused: true, behind: island.behind } : {}),
      })
    }, timeout)
    afterAll(async () => {
      island?.cables[0]?.mend()
      await market?.close()
      passage?.close()
      island?.close()
    }, timeout)

    it.each(STAGES)('for a moment in %s: the lease comes to be, and all others go on', async (_, fact) => {
      market.provider.arm(`halt after ${fact}`)
      const txid = await market.announce()
      await cutAfter(fact)
      await sleep(CUT_MS)
      island.cables[0]!.mend()
      const { leaseId } = await comesToBe(market, txid)
      running.push(leaseId)
      await Promise.all(running.map((id) => goesOn(market, id)))
    })

    it('for long in settle and meter: both sides end it, blame the network, and settle what was paid', async () => {
      const [settling, ...others] = running as [string, ...string[]]
      market.provider.arm('halt after lease.ended')
      await stopLease(market.publisher, settling)
      await cutAfter('lease.ended')
      const ends = { publisher: 'provider-silent', provider: 'publisher-silent' } as const
      for (const leaseId of others)
        for (const side of ['publisher', 'provider'] as const) {
          const { end } = await market.when(market[side], leaseId, (lease) => lease.end !== null)
          expect({ side, ...end }).toMatchObject({ side, code: ends[side], culprit: 'peer-unreachable' })
        }
      // The chain is in reach of both: neither needs the other any more.
      for (const leaseId of running) {
        const ours = await market.when(market.publisher, leaseId, ({ stage }) => stage === 'SETTLED')
        const theirs = await market.when(
          market.provider,
          leaseId,
          ({ stage, released }) => stage === 'SETTLED' && released,
        )
        expect([theirs.paidSats, theirs.settlementTxid]).toEqual([ours.paidSats, ours.settlementTxid])
      }
    })
  },
)
