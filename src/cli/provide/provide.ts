import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { plainText } from '../../../domain/plain-text.ts'
import { hourlyMsat, scalePrice } from '../../../domain/price.ts'
import type { Config } from '../../config.ts'
import { logDestination } from '../../log/people.ts'
import { type Node, openNode } from '../../node/node.ts'
import { askedPrice } from '../../node/seeker.ts'
import { sayNewWords } from '../new-wallet.ts'
import { print } from '../output.ts'
import { openProgress } from '../progress.ts'
import { msatToSats, showNumber } from '../quantity.ts'
import { configOf } from '../setting-options.ts'
import { type Earnings, openEarnings } from './earnings.ts'

/** How long leases may take to settle after Ctrl-C, ms. What is left then goes on at the next start. */
export const END_LEASES_MS = 60_000
/** How often it is looked whether all is settled, ms. */
const LOOK_MS = 100
const GIB = 1_073_741_824
/** The machine that the price is told for. */
const EXAMPLE = { cpuMillis: 1_000, memoryBytes: GIB, diskBytes: GIB, pids: 256 }

/** Runs a provider until it is interrupted, and tells of each lease. */
export const provide = async (flags: Readonly<Record<string, unknown>>): Promise<void> => {
  const config = configOf(flags, { logLevel: 'warn', roles: ['provider', 'api'] })
  const log = pino({ level: config.logLevel }, logDestination(process.stderr))
  const progress = openProgress()
  progress.show('starting: finding out which machines can be made here')
  const node = await openNode({ ...config, roles: ['provider', 'api'] }, log)
  progress.clear()
  const stop = new AbortController()
  const earnings = openEarnings()
  const told = tell(node, earnings, stop.signal)
  try {
    introduce(node, config)
    await interruption()
    print('stopping: leases end and settle; interrupt again to leave them for the next start')
    await Promise.race([settled(node, earnings, stop.signal), interruption()])
  } finally {
    stop.abort(new Error('provide ends'))
    await told
    await node.close()
  }
  print('stopped')
}

const tell = async ({ journal }: Node, earnings: Earnings, signal: AbortSignal): Promise<void> => {
  const progress = openProgress()
  let live = false
  for await (const item of journal.follow(0, { streamPrefix: 'lease-' }, signal)) {
    if (item.kind === 'caught-up') live = true
    const line = item.kind === 'fact' ? earnings.told(item.recorded) : undefined
    if (!live) continue
    if (line !== undefined) {
      progress.clear()
      print(plainText(line))
    }
    if (process.stderr.isTTY) progress.show(earnings.summary())
    else for (const note of earnings.minuteNotes()) print(plainText(note))
  }
  progress.clear()
}

/** Ends all leases, and waits until their money is in a block, for so long as that may take. */
const settled = async (node: Node, earnings: Earnings, signal: AbortSignal): Promise<void> => {
  const until = performance.now() + END_LEASES_MS
  await node.endLeases(END_LEASES_MS)
  while (!signal.aborted && earnings.unsettled() > 0 && performance.now() < until) await delay(LOOK_MS)
  if (earnings.unsettled() > 0) print(`${earnings.unsettled()} lease(s) are not settled yet: the next start goes on`)
}

const introduce = (node: Node, config: Config): void => {
  sayNewWords(node.newWords)
  const ask = askedPrice(config)
  const floor = scalePrice(ask, BigInt(config.floorPercent), 100n)
  const sats = (price: typeof ask) => showNumber(msatToSats(hourlyMsat(price, EXAMPLE)))
  if (config.when !== 'always') print(`when        ${config.when}`)
  for (const note of node.notes) print(plainText(`note: ${note}`))
  print(`machines    ${node.status.machines}`)
  print(
    `price       ${sats(ask)} sats an hour for one busy core, 1GiB of memory and 1GiB of disk; at least ${sats(floor)}`,
  )
  print(
    plainText(`images      ${config.images.includes('*') ? 'all that are present here' : config.images.join(', ')}`),
  )
  print(plainText(`chain       ${node.status.network}, ${node.status.chain}`))
  print(`identity    ${node.status.identity}`)
  if (node.api) print(plainText(`API         ${node.api.url}/graphql, token in ${node.api.tokenFile}`))
  print('waiting for announcements that match')
}

/** The next SIGINT or SIGTERM. */
const interruption = (): Promise<void> =>
  new Promise((done) => {
    const end = () => {
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      done()
    }
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
  })
