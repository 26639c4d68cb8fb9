import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '../../domain/bytes.ts'
import { voucherSigner, voucherVerifier } from '../../domain/channel/transaction.ts'
import { isRefusal } from '../../domain/fact.ts'
import { dueSats } from '../../domain/lease/legs.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { type Message, parseMessage } from '../../src/lease/messages.ts'
import { channelParams, type Party } from '../../src/lease/party.ts'
import type { PublisherParty } from '../../src/lease/publisher/deps.ts'
import { Paying } from '../../src/lease/publisher/paying.ts'
import { ServedTime } from '../../src/lease/publisher/served-time.ts'
import type { Talk } from '../../src/lease/talk.ts'
import { decodeMessage, encodeMessage } from '../../src/peer/message.ts'
import { FUNDING, type MeteredLease, openLeases, usageOf } from './metered-leases.ts'

// How many ticks of metering one core checks in a second, on either side of a lease and by the code that serves real ones:
//   node test/bench/ticks.ts [folder for the SQLite journal]
// A message is decoded and parsed from its bytes, judged by the rules of the lease and of its channel, signed or verified, and written to the journal.

const LEASES = 128
const TICKS = 150
const ROUNDS = 3

const received = (bytes: Uint8Array): Message => {
  const message = parseMessage(decodeMessage(bytes))
  if (typeof message === 'string') throw new Error(message)
  return message
}

/** One side's work for one message of one lease. */
type Check = (message: Uint8Array) => Promise<void>

/** Publisher: the tick is possible, the bill adds up, a voucher over it is signed; meter and voucher are in the log. */
const publisherChecks = async ({ ledger, secret }: MeteredLease): Promise<Check> => {
  const served = new ServedTime(systemClock)
  const party = {
    curve: nativeCurve,
    served,
    clock: systemClock,
    channelKey: async () => ({ secret }),
  } as unknown as Party
  const paying = await Paying.open(party as PublisherParty, ledger, await ledger.lease())
  let sent = 0
  const talk = {
    send: async (message: Message) => {
      if (encodeMessage(message).length > 0 && message.type === 'voucher') sent += 1
    },
  } as unknown as Talk
  return async (bytes) => {
    const message = received(bytes)
    const before = sent
    if (message.type !== 'tick' || (await paying.tick(talk, message)) || sent === before) throw new Error('not paid')
  }
}

/** Provider: the voucher is signed by the channel's key and covers what is owed; its tick and it are in the log. */
const providerChecks = async ({ ledger, terms }: MeteredLease): Promise<Check> => {
  const isVoucher = voucherVerifier(channelParams(terms), FUNDING, nativeCurve)
  return async (bytes) => {
    const message = received(bytes)
    if (message.type !== 'voucher') throw new Error('no voucher')
    const { tick, paid, signature } = message
    if (!isVoucher(paid, fromHex(signature))) throw new Error('bad voucher')
    const at = systemClock.now()
    const usage = usageOf(tick)
    const done = await ledger.try(
      [
        { kind: 'meter', at, tick, usage, elapsedUs: usage.wallUs },
        { kind: 'pay', at, tick, paidSats: paid },
      ],
      [{ kind: 'pay', at, paid, signature }],
    )
    if (isRefusal(done)) throw new Error(done.why)
  }
}

const tickMessages = (): Uint8Array[] =>
  Array.from({ length: TICKS }, (_, i) => encodeMessage({ type: 'tick', tick: i + 1, usage: usageOf(i + 1) }))

const voucherMessages = ({ terms, secret }: MeteredLease): Uint8Array[] => {
  const sign = voucherSigner(channelParams(terms), FUNDING, nativeCurve)
  return Array.from({ length: TICKS }, (_, i) => {
    const paid = dueSats(terms, usageOf(i + 1))
    return encodeMessage({ type: 'voucher', tick: i + 1, paid, signature: toHex(sign(paid, secret)) })
  })
}

const SIDES = {
  publisher: { checks: publisherChecks, messages: tickMessages },
  provider: { checks: providerChecks, messages: voucherMessages },
} as const

/** All leases at the same time, each one message after the other, as their sessions do. @returns messages a second, and CPU seconds a second */
const run = async (journal: Journal, side: keyof typeof SIDES): Promise<{ perSecond: number; cpu: number }> => {
  const leases = await openLeases(journal, side, LEASES)
  const work = await Promise.all(
    leases.map(async (lease) => ({ check: await SIDES[side].checks(lease), messages: SIDES[side].messages(lease) })),
  )
  const [begin, cpuBegin] = [performance.now(), process.cpuUsage()]
  await Promise.all(
    work.map(async ({ check, messages }) => {
      for (const message of messages) await check(message)
    }),
  )
  const [ms, used] = [performance.now() - begin, process.cpuUsage(cpuBegin)]
  await journal.close()
  return { perSecond: (LEASES * TICKS * 1_000) / ms, cpu: (used.user + used.system) / 1_000 / ms }
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'zennet-bench-'))
try {
  const lines = ['| side | journal | ticks/s | ticks per CPU second |', '|---|---|---|---|']
  const journals = { memory: () => memoryJournal(), SQLite: (path: string) => openSqliteJournal({ path }) }
  for (const side of ['publisher', 'provider'] as const) {
    for (const [name, open] of Object.entries(journals)) {
      const rounds = []
      for (let round = 0; round < ROUNDS; round++)
        rounds.push(await run(await open(join(folder, `${side}-${name}-${round}`)), side))
      const { perSecond, cpu } = rounds.sort((a, b) => a.perSecond - b.perSecond)[ROUNDS >> 1]!
      lines.push(`| ${side} | ${name} | ${Math.round(perSecond)} | ${Math.round(perSecond / cpu)} |`)
    }
  }
  console.log(`${cpus()[0]?.model}, Node ${process.version}, ${nativeCurve.engine}`)
  console.log(`${LEASES} leases at a time, ${TICKS} ticks each, the middle of ${ROUNDS} rounds\n\n${lines.join('\n')}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
