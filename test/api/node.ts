import { pino } from 'pino'
import type { Fact } from '../../domain/fact.ts'
import { KEY_ACCOUNTS } from '../../domain/wallet/key-path.ts'
import { TABLES } from '../../projections/tables.ts'
import { createMetrics, type Metrics } from '../../src/api/metrics.ts'
import type { AnnouncementRequest, Market } from '../../src/api/port.ts'
import { type Api, type ApiOptions, openApi } from '../../src/api/server.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import type { Projector } from '../../src/projector/port.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { systemRandom } from '../../src/random/system.ts'
import { PUBLISHER } from '../projections/lease-history.ts'

export const TOKEN = 'test-token-0123456789'
export const TXID = '7'.repeat(64)

export type Sent = { readonly request: AnnouncementRequest; readonly key: string }

/** A market small enough to see through: it writes the fact that a post makes, and keeps what it was asked. */
export const smallMarket = (journal: Journal): Market & { readonly posts: Sent[] } => {
  const posts: Sent[] = []
  return {
    posts,
    async postAnnouncement(request, key) {
      posts.push({ request, key })
      const { body, order } = request
      const position = await journal.transact(
        [
          {
            stream: `announcement-${TXID}`,
            expected: 0,
            facts: [{ type: 'announcement.posted', at: 1, txid: TXID, body, order } as Fact],
          },
        ],
        { commandId: key },
      )
      return { txid: TXID, position }
    },
    async checkAnnouncement({ body }) {
      return body.image === 'dear'
        ? { problem: true, code: 'insufficient-funds', message: 'm', culprit: 'you', next: 'n' }
        : undefined
    },
    async withdrawAnnouncement() {
      return { problem: true, code: 'announcement.unknown', message: 'm', culprit: 'you', next: 'n' }
    },
    async stopLease(leaseId) {
      return { leaseId, position: await journal.head() }
    },
    async withdrawNotice(leaseId) {
      return { leaseId, position: await journal.head() }
    },
    async changeLease(leaseId) {
      return { leaseId, position: await journal.head() }
    },
    async topUpLease(leaseId) {
      return { leaseId, position: await journal.head() }
    },
    budget: () => ({ dayBegan: 0, limitSats: 9n, spentSats: 4n, reservedSats: 1n, leftSats: 4n }),
    chainNetwork: () => undefined,
    lending: async () => undefined,
    async pauseLease(leaseId) {
      return { leaseId, position: await journal.head() }
    },
    async send() {
      return { txid: TXID, position: await journal.head() }
    },
    async shell(leaseId) {
      return { host: '127.0.0.1', port: 4022, user: `lease-${leaseId.slice(0, 12)}`, hostKey: 'ssh-ed25519 HOST' }
    },
    async balance() {
      return { confirmedSats: 2n ** 60n, unconfirmedSats: 1n, immatureSats: 2n, bondedSats: 3n }
    },
    async balances() {
      const none = { confirmedSats: 0n, unconfirmedSats: 0n, immatureSats: 0n, reservedSats: 0n }
      return KEY_ACCOUNTS.map((account, i) => ({ account, ...none, confirmedSats: BigInt(i) }))
    },
    async walletHistory() {
      return []
    },
    async receiveAddress() {
      throw new Error('SECRET of the wallet')
    },
    async transaction(txid) {
      const outputs = [{ value: 5n, script: Uint8Array.of(0, 255) }]
      const tx = { version: 2, inputs: [], outputs, lockTime: 0 }
      return txid === TXID ? { tx, addresses: [undefined], height: 9 } : undefined
    },
    async feeRate(blocks) {
      return 20 / blocks
    },
    status: () => ({
      version: '0',
      network: 'n',
      identity: PUBLISHER,
      roles: ['publisher'],
      curve: 'none',
      chain: 'memory',
      machines: undefined,
      endpoint: undefined,
    }),
  }
}

export type TestNode = {
  readonly api: Api
  readonly journal: Journal
  readonly projector: Projector
  readonly market: ReturnType<typeof smallMarket>
  readonly metrics: Metrics
  readonly logged: string[]
  append(stream: string, ...facts: Fact[]): Promise<number>
  close(): Promise<void>
}

/** The real API, log and rows, on a free port of the loopback. */
export const startNode = async (port = 0, more: Partial<ApiOptions> = {}): Promise<TestNode> => {
  const journal = more.journal ?? memoryJournal()
  const projector = await openProjector({ path: ':memory:', journal, tables: TABLES, clock: systemClock })
  const market = smallMarket(journal)
  const metrics = createMetrics()
  const logged: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })
  const api = await openApi({
    host: '127.0.0.1',
    port,
    token: TOKEN,
    market,
    projector,
    journal,
    clock: systemClock,
    log,
    metrics,
    curve: nativeCurve,
    random: systemRandom,
    ...more,
  }).catch(async (fault: unknown) => {
    await projector.close()
    await journal.close()
    throw fault
  })
  return {
    api,
    journal,
    projector,
    market,
    metrics,
    logged,
    append: async (stream, ...facts) =>
      journal.transact([{ stream, expected: (await journal.read(stream)).length, facts }]),
    close: async () => {
      await api.close()
      await projector.close()
      await journal.close()
    },
  }
}

/** A POST as any program would send it. */
export const post = (
  { api }: TestNode,
  query: unknown,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(Array.isArray(query) ? query : { query, variables }),
  })

export type Body<T = Record<string, never>> = {
  data?: T
  errors?: { message: string; extensions: { code?: string; requestId?: string; next?: string } }[]
}

export const ask = async <T>(node: TestNode, query: string, variables?: Record<string, unknown>): Promise<Body<T>> =>
  (await post(node, query, variables)).json() as Promise<Body<T>>
