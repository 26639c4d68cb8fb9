import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { leaseIdNumber, metered, toMetering } from '../projections/lease-history.ts'

// node test/bench/subscribers.ts [subscriptions a socket] — 10,000 subscribers of one lease over WebSocket. The server runs in a
// process of its own, and everything is of that process: CPU is what it used between the append of a fact and the last of its
// deliveries, by the number of them; memory is what it holds more than before the first socket, after a garbage collection.
const SUBSCRIBERS = 10_000
const WARM_UP = 10
const FACTS = 30
const LEASE = leaseIdNumber(1)
const DOCUMENT = `subscription ($leaseId: Hex!, $after: Position) { leaseEvents(leaseId: $leaseId, after: $after) {
  __typename
  ... on LeaseEvent { position version type at fact lease { stage tick owedMsat paidSats } }
  ... on CaughtUp { position }
  ... on Lagged { position behind }
} }`

type Usage = { readonly cpuUs: number; readonly heapBytes: number; readonly rssBytes: number }
type Told = { readonly url: string; readonly token: string } | Usage | { readonly position: number }

const serve = async (): Promise<void> => {
  const { startNode, TOKEN } = await import('../api/node.ts')
  const node = await startNode()
  await node.append(`lease-${LEASE}`, ...toMetering(LEASE))
  let tick = 0
  const collect = (globalThis as { gc?: () => void }).gc!
  const usage = (): Usage => {
    const { user, system } = process.cpuUsage()
    const cpuUs = user + system
    collect()
    const { heapUsed, external, rss } = process.memoryUsage()
    return { cpuUs, heapBytes: heapUsed + external, rssBytes: rss }
  }
  process.on('message', async (asked) => {
    if (asked === 'append')
      return process.send!({ position: await node.append(`lease-${LEASE}`, metered(LEASE, ++tick)) })
    if (asked === 'usage') return process.send!(usage())
    const { user, system } = process.cpuUsage()
    return process.send!({ cpuUs: user + system })
  })
  process.send!({ url: node.api.url, token: TOKEN })
}

const measure = async (perSocket: number): Promise<void> => {
  const server = fork(fileURLToPath(import.meta.url), ['server'], { execArgv: ['--expose-gc'] })
  const hear = async <T extends Told>(): Promise<T> => (await once(server, 'message'))[0] as T
  const ask = <T extends Told>(what: string): Promise<T> => {
    const answer = hear<T>()
    server.send(what)
    return answer
  }
  const { url, token } = await hear<{ url: string; token: string }>()

  let left = 0
  let done = (): void => {}
  const until = async (mark: string, count: number, act: () => Promise<unknown>): Promise<void> => {
    wanted = Buffer.from(mark)
    left = count
    const reached = new Promise<void>((resolve) => {
      done = resolve
    })
    await act()
    await reached
  }
  let wanted = Buffer.alloc(0)
  const heard = (data: Buffer): void => {
    if (data.includes(wanted) && --left === 0) done()
  }
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token } }))
    await once(socket, 'message')
    socket.on('message', heard)
    return socket
  }

  await ask('usage')
  const before = await ask<Usage>('usage')
  const sockets: WebSocket[] = []
  while (sockets.length < SUBSCRIBERS / perSocket) sockets.push(await open())
  const connected = await ask<Usage>('usage')
  await until('CaughtUp', SUBSCRIBERS, async () => {
    for (let n = 0; n < SUBSCRIBERS; n++) {
      const payload = { query: DOCUMENT, variables: { leaseId: LEASE } }
      sockets[n % sockets.length]!.send(JSON.stringify({ id: `${n}`, type: 'subscribe', payload }))
      if (n % 500 === 0) await new Promise(setImmediate)
    }
  })
  const level = await ask<Usage>('usage')

  const cpuUs: number[] = []
  for (let fact = 0; fact < WARM_UP + FACTS; fact++) {
    const { cpuUs: begun } = await ask<Usage>('cpu')
    // After each fact everybody is told that it was the newest: both messages are in the cost.
    await until('CaughtUp', SUBSCRIBERS, () => ask('append'))
    const { cpuUs: ended } = await ask<Usage>('cpu')
    if (fact >= WARM_UP) cpuUs.push((ended - begun) / SUBSCRIBERS)
  }
  const after = await ask<Usage>('usage')
  cpuUs.sort((a, b) => a - b)
  const each = (from: Usage, to: Usage, what: 'heapBytes' | 'rssBytes'): string =>
    ((to[what] - from[what]) / SUBSCRIBERS / 1024).toFixed(2)
  console.log(
    `| ${perSocket} | ${cpuUs[FACTS / 2]!.toFixed(1)} | ${cpuUs[0]!.toFixed(1)} | ${cpuUs.at(-1)!.toFixed(1)} | ${each(connected, level, 'heapBytes')} | ${each(before, level, 'heapBytes')} | ${each(before, after, 'heapBytes')} | ${each(before, after, 'rssBytes')} |`,
  )
  for (const socket of sockets) socket.terminate()
  server.kill()
  await once(server, 'exit')
}

if (process.argv[2] === 'server') await serve()
else {
  const given = process.argv.slice(2).map(Number)
  console.log(
    '| subscriptions a socket | CPU us, median | least | most | heap KB each, without sockets | heap KB each | after the facts | resident KB each |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const perSocket of given.length > 0 ? given : [20, 1]) await measure(perSocket)
}
