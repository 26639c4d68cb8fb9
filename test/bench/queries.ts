import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { leaseIdNumber } from '../projections/lease-history.ts'
import { fillWithLeases } from './queries-rows.ts'

// node test/bench/queries.ts — CPU of a query over HTTP, of the server's process alone: ours, and mercurius with its compiler, which
// this installs into test/bench/peers/mercurius. Both read the same rows from the same projector. They take turns within one run, so
// that whatever else the machine does meets both.
const CONNECTIONS = 8
const WARM_UP = 2_000
const ROUNDS = 15
const REQUESTS = 1_000

const PEER = fileURLToPath(new URL('./peers/mercurius/', import.meta.url))
const FIELDS = 'leaseId stage tick owedMsat paidSats hourlyMsat publisherKey providerKey image position'
const QUERIES: Readonly<Record<string, object>> = {
  '50 leases': {
    query: `{ leases(first: 50) { edges { cursor node { ${FIELDS} } } pageInfo { hasNextPage endCursor } } }`,
  },
  'one lease': {
    query: `query ($id: Hex!) { lease(leaseId: $id) { ${FIELDS} } }`,
    variables: { id: leaseIdNumber(7) },
  },
}

type Server = { readonly process: ChildProcess; readonly url: string; readonly token: string }

const serve = async (): Promise<void> => {
  const { startNode, TOKEN } = await import('../api/node.ts')
  const node = await startNode()
  await fillWithLeases(node.journal, node.projector)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!({ cpuUs: user + system })
  })
  process.send!({ url: node.api.url, token: TOKEN })
}

const start = async (file: string, args: readonly string[]): Promise<Server> => {
  const child = fork(file, args, { execArgv: process.execArgv })
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }]
  return { process: child, url, token }
}

const cpuUs = async (server: Server): Promise<number> => {
  const answer = once(server.process, 'message')
  server.process.send('cpu')
  return ((await answer)[0] as { cpuUs: number }).cpuUs
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

const ask = ({ url, token }: Server, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        text += piece
      })
      answer.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(body)
  })

const load = async (server: Server, body: string, count: number): Promise<void> => {
  let left = count
  const one = async (): Promise<void> => {
    while (left-- > 0) await ask(server, body)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const measure = async (): Promise<void> => {
  if (!existsSync(`${PEER}node_modules`))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: PEER, stdio: 'inherit' })
  const ours = await start(fileURLToPath(import.meta.url), ['server'])
  const peer = await start(`${PEER}serve.mjs`, [])
  console.log('| query | ours, CPU us | mercurius, CPU us | ours / mercurius |\n| --- | --- | --- | --- |')
  for (const [name, query] of Object.entries(QUERIES)) {
    const body = JSON.stringify(query)
    const answers = await Promise.all([ours, peer].map((server) => ask(server, body)))
    if (JSON.stringify(JSON.parse(answers[0]!)) !== JSON.stringify(JSON.parse(answers[1]!)))
      throw new Error(`they answer differently:\n${answers.join('\n')}`)
    const found = new Map<Server, number[]>()
    for (const server of [ours, peer]) await load(server, body, WARM_UP)
    for (let round = 0; round < ROUNDS; round++)
      for (const server of round % 2 === 0 ? [ours, peer] : [peer, ours]) {
        const before = await cpuUs(server)
        await load(server, body, REQUESTS)
        const each = ((await cpuUs(server)) - before) / REQUESTS
        found.set(server, [...(found.get(server) ?? []), each])
      }
    const [a, b] = [median(found.get(ours)!), median(found.get(peer)!)]
    console.log(`| ${name} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(a / b).toFixed(2)} |`)
  }
  agent.destroy()
  for (const { process: child } of [ours, peer]) {
    const gone = once(child, 'exit')
    child.kill()
    await gone
  }
}

if (process.argv[2] === 'server') await serve()
else await measure()
