import { writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { hash160 } from '../../domain/chain/hash.ts'
import { p2wpkh } from '../../domain/chain/script.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { createIdentity, type Identity } from '../../src/shell/ssh-command.ts'
import { dockerSocket, scratchFolder } from '../docker/private-dockerd.ts'
import { type Chain, type ChainProgram, startChain } from './chain.ts'
import { freePort } from './daemon.ts'
import { leftOnHost } from './left.ts'
import { type MarketNode, type NodeProgram, startNode } from './node.ts'
import { type Lease, leaseOf, leasesOf, type Step } from './story.ts'

/** Facts take what they take on a busy machine; more than this is a failure. */
export const LIMIT_MS = 120_000

/** Waits for a fact. @throws with what `describe` says, when it does not come */
export const until = async <T>(fact: () => Promise<T | undefined | false>, describe: () => unknown): Promise<T> => {
  const last = performance.now() + LIMIT_MS
  for (;;) {
    const found = await fact()
    if (found !== undefined && found !== false) return found
    if (performance.now() > last) throw new Error(`did not come: ${String(await describe())}`)
    await sleep(50)
  }
}

/** The end of a node's log, for a test that failed. */
const tail = (node: MarketNode): string => node.daemon().log().slice(-2_000)

export type MarketOptions = {
  readonly machines: 'docker' | 'namespace'
  /** Absent: the Docker of the test run. */
  readonly socket?: string
  readonly chain?: ChainProgram
  /** Each daemon keeps a chain of its own, of a closed network: the publisher's is a peer of the chain's, the provider's of the publisher's. */
  readonly apart?: boolean
  /** Further flags of the provider's node. */
  readonly provider?: readonly string[] | ((chain: Chain) => readonly string[])
  /** And of the publisher's, in this folder. */
  readonly publisher?: (folder: string) => readonly string[]
  /** How both nodes' programs are run, or each its own way. */
  readonly run?: NodeProgram | ((side: 'provider' | 'publisher') => NodeProgram)
}

/** What is asked for when a test does not say. */
export const REQUEST = {
  cpuMillis: 500,
  memoryBytes: '67108864',
  diskBytes: '67108864',
  pids: 64,
  maxDurationS: 3_600,
  maxHourlySats: '20000',
  budgetSats: '40000',
  tickMs: 300,
  dataGraceS: 0,
  offerWindowMs: 0,
  waitMs: 100_000,
}

/** A chain, a provider and a publisher: three daemons on loopback. */
export type Market = {
  readonly folder: string
  readonly chain: Chain
  readonly provider: MarketNode
  readonly publisher: MarketNode
  /** The key that may log in. */
  readonly identity: Identity
  /** The publisher's coins before the first lease, sats. */
  readonly funds: bigint
  /** The Docker in use. */
  readonly socket: string | undefined
  /** From here on blocks come only when a test makes them, or again when something waits for one. */
  mineWhatWaits(does: boolean): void
  /** Asks for a machine. @returns the announcement's txid */
  announce(request?: Readonly<Record<string, unknown>>): Promise<string>
  /** Asks for one and waits until it is metered. @returns the lease id */
  rent(request?: Readonly<Record<string, unknown>>): Promise<string>
  /** Waits until a node sees the lease in a stage or beyond a condition. */
  when(node: MarketNode, leaseId: string, fits: (lease: Lease) => boolean): Promise<Lease>
  /** Ends all, by process id, and expects that nothing is left on the host. */
  close(): Promise<void>
}

/** Flags of a chain and two nodes that know each other as peers only; the chain alone can sign blocks. */
const peersInLine = async (folder: string) => {
  const secret = new Uint8Array(32).fill(7)
  const signingKey = join(folder, 'signing-key')
  writeFileSync(signingKey, toHex(secret))
  const closed = ['--challenge', toHex(p2wpkh(hash160(nativeCurve.publicKey(secret))))]
  const [first, second] = [String(await freePort()), String(await freePort())]
  return {
    chain: [...closed, '--signing-key', signingKey, '--listen', '--p2p-port', first],
    publisher: [
      ...[...closed, '--rpc-port', '0', '--listen', 'true', '--p2p-port', second],
      ...['--connect', `127.0.0.1:${first}`],
    ],
    provider: [...closed, '--rpc-port', '0', '--connect', `127.0.0.1:${second}`],
  }
}

export const openMarket = async (options: MarketOptions): Promise<Market> => {
  const folder = await scratchFolder()
  const socket = options.machines === 'docker' ? (options.socket ?? (await dockerSocket())) : undefined
  const line = options.apart === true ? await peersInLine(folder) : undefined
  const chain = await startChain(folder, options.chain, line?.chain)
  const shared = line === undefined ? chain : undefined
  const machines = ['--machines', options.machines, ...(socket === undefined ? [] : ['--docker-socket', socket])]
  const lent = ['--cpu-millis', '8000', '--memory-bytes', String(2 ** 33), '--disk-bytes', String(2 ** 33)]
  const shell = ['--roles', 'provider,api', '--shell-port', '0']
  const providerFlags = typeof options.provider === 'function' ? options.provider(chain) : (options.provider ?? [])
  const run = (side: 'provider' | 'publisher') =>
    typeof options.run === 'function' ? options.run(side) : (options.run ?? {})
  const [provider, publisher, identity] = await Promise.all([
    startNode(
      join(folder, 'provider'),
      shared,
      [...shell, ...machines, ...lent, ...(line?.provider ?? []), ...providerFlags],
      run('provider'),
    ),
    startNode(
      join(folder, 'publisher'),
      shared,
      [
        ...['--roles', 'publisher,api', '--publisher-port', String(await freePort())],
        ...[...(line?.publisher ?? []), ...(options.publisher?.(folder) ?? [])],
      ],
      run('publisher'),
    ),
    createIdentity(join(folder, 'client')),
  ])

  const { receiveAddress } = await publisher.api.request<{ receiveAddress: string }>('{ receiveAddress }')
  await chain.mine(1, receiveAddress)
  await chain.mine(chain.network.coinbaseMaturity + 1)
  const confirmed = async () => {
    const { balance } = await publisher.api.request<{ balance: { confirmedSats: string } }>(
      '{ balance { confirmedSats } }',
    )
    return BigInt(balance.confirmedSats)
  }
  const funds = await until(
    async () => (await confirmed()) || undefined,
    () => 'coins of the publisher',
  )

  // Blocks come when something waits for them, as on a chain that others use too.
  const stop = new AbortController()
  let mines = true
  const mining = (async () => {
    while (!stop.signal.aborted) {
      if (mines) await chain.mineWaiting().catch(() => {})
      await sleep(200, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()

  const known = new Set<string>()
  const nodes = { provider, publisher }
  const market: Market = {
    folder,
    chain,
    ...nodes,
    identity,
    funds,
    socket,
    mineWhatWaits: (does) => {
      mines = does
    },
    async announce(request = {}) {
      const input = {
        ...REQUEST,
        authorizedKeys: [identity.publicKey],
        idempotencyKey: crypto.randomUUID(),
        ...request,
      }
      const { rent } = await publisher.api.request<{ rent: Step & { txid?: string } }>(
        `mutation ($input: RentInput!) { rent(input: $input) {
          __typename ... on AnnouncementPosted { txid } ... on Problem { code message next } } }`,
        { input },
      )
      if (rent.txid === undefined) throw new Error(`not announced: ${JSON.stringify(rent)}`)
      return rent.txid
    },
    async rent(request) {
      const txid = await market.announce(request)
      const lease = await until(
        async () => (await leasesOf(publisher, txid)).find((one) => one.stage === 'METER' && one.tick >= 2),
        async () => `a lease that is metered: ${JSON.stringify(await leasesOf(publisher, txid))}\n${tail(provider)}`,
      )
      known.add(lease.leaseId)
      return lease.leaseId
    },
    when: (node, leaseId, fits) => {
      known.add(leaseId)
      return until(
        async () => {
          const lease = await leaseOf(node, leaseId)
          return lease !== undefined && fits(lease) && lease
        },
        async () =>
          `${JSON.stringify(await leaseOf(node, leaseId))}\nprovider:\n${tail(provider)}\npublisher:\n${tail(publisher)}`,
      )
    },
    async close() {
      stop.abort()
      await mining
      for (const daemon of [provider.daemon(), publisher.daemon(), chain.daemon()]) await daemon.stop()
      await until(
        async () => (await leftOnHost(folder, [...known], socket)).length === 0,
        async () => (await leftOnHost(folder, [...known], socket)).join('\n'),
      ).finally(() => rm(folder, { recursive: true, force: true }))
      expect(await leftOnHost(folder, [...known], socket)).toEqual([])
    },
  }
  return market
}
