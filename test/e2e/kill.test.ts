import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { skipWithoutDocker, whyNoDocker } from '../docker/private-dockerd.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { goesOn } from './goes-on.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { coinsOf, expectPaidOnChain } from './money.ts'
import { factsOf, type LogFact, stopLease } from './story.ts'

const unable = skipWithoutDocker() || skipped
const why = [whyNoDocker() ?? '', ...missingClients.map((name) => `no ${name}`)].join(' ')
const timeout = 3 * LIMIT_MS

const containerOf = async (market: Market, leaseId: string) => {
  const { Id, State } = await new Docker({ socketPath: market.socket! }).getContainer(`zennet-${leaseId}`).inspect()
  return { id: Id, pid: State.Pid, paused: State.Paused }
}

const noContainer = async (market: Market, leaseId: string) => {
  const all = await new Docker({ socketPath: market.socket! }).listContainers({ all: true })
  return all.every(({ Names }) => !Names.includes(`/zennet-${leaseId}`))
}

const metered = (facts: readonly LogFact[]) =>
  facts
    .filter(({ type }) => type === 'lease.metered')
    .map(({ at, fact }) => ({
      atMs: Date.parse(at),
      tick: Number(fact['tick']),
      wallUs: Number((fact['usage'] as Record<string, string>)['wallUs']),
    }))

/** Ticks follow one another, and between any two no more is billed than the time that went by. */
const expectBilledOnce = (facts: readonly LogFact[]) => {
  const ticks = metered(facts)
  expect(ticks.map(({ tick }) => tick)).toEqual(ticks.map((_, index) => index + 1))
  const [first, last] = [ticks[0]!, ticks.at(-1)!]
  // The log's times are whole milliseconds, taken after the reading: a tick's worth of slack on either end.
  expect(last.wallUs - first.wallUs).toBeLessThanOrEqual((last.atMs - first.atMs + 1_000) * 1_000)
}

describe.skipIf(unable)(`a node that is killed while a machine is metered ${why}`, { timeout }, () => {
  describe('and comes back', () => {
    let market: Market
    let leaseId: string
    let before: Awaited<ReturnType<typeof containerOf>>
    beforeAll(async () => {
      // Longer than any start of a daemon on a busy machine.
      market = await openMarket({ machines: 'docker', provider: ['--reconnect-ms', '120000'] })
      leaseId = await market.rent()
      before = await containerOf(market, leaseId)
    }, timeout)
    afterAll(() => market?.close(), timeout)

    it('provider: the same machine is metered on', async () => {
      await market.provider.kill()
      await market.provider.start()
      await goesOn(market, leaseId, 3)
      expect(await containerOf(market, leaseId)).toEqual(before)
    })

    it('publisher: it pays on', async () => {
      await market.publisher.kill()
      await market.publisher.start()
      await goesOn(market, leaseId, 3)
      expect(await containerOf(market, leaseId)).toEqual(before)
    })

    it('chain: nobody notices', async () => {
      await market.chain.kill()
      await goesOn(market, leaseId, 3)
      await market.chain.start()
      await goesOn(market, leaseId, 3)
    })

    it('the shell still opens, and the lease is billed once and settled to the sat', async () => {
      const { code, out } = await run(sshCommand(await targetOf(market, leaseId), ['echo still here']))
      expect({ code, out: out.toString() }).toEqual({ code: 0, out: 'still here\n' })
      await stopLease(market.publisher, leaseId)
      const { settled, other } = await expectPaidOnChain(market, leaseId)
      expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
      expect(other.usage).toEqual(settled.usage)
      await market.when(market.provider, leaseId, ({ released }) => released)
      expectBilledOnce(await factsOf(market.provider, leaseId))
      expect(await noContainer(market, leaseId)).toBe(true)
    })
  })

  describe('and stays away', () => {
    let market: Market
    beforeAll(async () => {
      market = await openMarket({ machines: 'docker', provider: ['--reconnect-ms', '6000'] })
    }, timeout)
    afterAll(() => market?.close(), timeout)

    it('provider: the publisher ends the lease; the provider that comes back takes what was paid', async () => {
      const leaseId = await market.rent()
      await market.provider.kill()
      const ended = await market.when(market.publisher, leaseId, ({ end }) => end !== null)
      expect(ended.end).toMatchObject({ code: 'provider-silent', culprit: 'peer-unreachable' })
      await market.provider.start()
      const { settled } = await expectPaidOnChain(market, leaseId)
      expect(settled.end).toMatchObject({ code: 'provider-silent' })
      await market.when(market.provider, leaseId, ({ released }) => released)
      expectBilledOnce(await factsOf(market.provider, leaseId))
      expect(await noContainer(market, leaseId)).toBe(true)
    })

    it('publisher: the machine stands still, then the provider takes what was paid', async () => {
      const leaseId = await market.rent()
      await market.publisher.kill()
      await until(
        async () => (await containerOf(market, leaseId)).paused,
        () => 'a frozen machine',
      )
      const ended = await market.when(market.provider, leaseId, ({ released, end }) => released && end !== null)
      expect(ended.end).toMatchObject({ code: 'publisher-silent', culprit: 'peer-unreachable' })
      expect(await noContainer(market, leaseId)).toBe(true)
      const settled = await market.when(market.provider, leaseId, ({ stage }) => stage === 'SETTLED')
      expectBilledOnce(await factsOf(market.provider, leaseId))
      // What the publisher finds when it comes back is on the chain, and is what it had signed.
      await market.publisher.start()
      const { paid } = await expectPaidOnChain(market, leaseId)
      expect(paid).toBe(BigInt(settled.paidSats))
    })

    it('and every coin is where it belongs', async () => {
      const feesOf = async () => {
        const [publisher, provider] = [await coinsOf(market, 'publisher'), await coinsOf(market, 'provider')]
        return market.funds - BigInt(publisher.confirmedSats) - BigInt(provider.confirmedSats)
      }
      // Two announcements, fundings, bonds taken back and closes, some hundred bytes each. The wallets hear of them from the chain.
      await until(
        async () => (await coinsOf(market, 'publisher')).bondedSats === '0' && (await feesOf()) < 20_000n,
        async () => JSON.stringify(await coinsOf(market, 'publisher')),
      )
      expect(await feesOf()).toBeGreaterThan(0n)
    })
  })
})
