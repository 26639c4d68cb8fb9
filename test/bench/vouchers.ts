import { cpus } from 'node:os'
import type { Curve } from '../../domain/chain/curve.ts'
import { voucherSigner, voucherVerifier } from '../../domain/channel/transaction.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { channelParams } from '../../src/lease/party.ts'
import { FUNDING, openLeases } from './metered-leases.ts'

// The voucher alone, without message, judgement and log: its digest, and the signature or the check. node test/bench/vouchers.ts

const ROUNDS = 25
const VOUCHERS = 2_000

const [lease] = await openLeases(memoryJournal(), 'publisher', 1)
const { terms, secret } = lease!
const params = channelParams(terms)
const publicKey = nativeCurve.publicKey(secret)
const digest = new Uint8Array(32).fill(7)
const signed = nativeCurve.signEcdsa(digest, secret)
/** A curve that does nothing: what is left is the digest. */
const noCurve = { signEcdsa: () => digest } as unknown as Curve

const must = (good: boolean): void => {
  if (!good) throw new Error('a good signature was refused')
}
const sign = voucherSigner(params, FUNDING, nativeCurve)
const check = voucherVerifier(params, FUNDING, nativeCurve)
const digestOnly = voucherSigner(params, FUNDING, noCurve)
const paidAt = (i: number): bigint => 1_000n + BigInt(i)
const signatures = Array.from({ length: VOUCHERS }, (_, i) => sign(paidAt(i), secret))

const works: Record<string, (i: number) => unknown> = {
  'voucher signed': (i) => sign(paidAt(i), secret),
  'of it: libsecp256k1 signs': () => nativeCurve.signEcdsa(digest, secret),
  'voucher checked': (i) => must(check(paidAt(i), signatures[i]!)),
  'of it: libsecp256k1 checks': () => must(nativeCurve.verifyEcdsa(signed, digest, publicKey)),
  'digest alone': (i) => digestOnly(paidAt(i), secret),
}

// All in turns, so that what else runs on the machine meets them alike.
const times = new Map(Object.keys(works).map((name) => [name, [] as number[]]))
for (let round = 0; round < ROUNDS; round++)
  for (const [name, work] of Object.entries(works)) {
    const before = process.cpuUsage()
    for (let i = 0; i < VOUCHERS; i++) work(i)
    const { user, system } = process.cpuUsage(before)
    times.get(name)!.push((user + system) / VOUCHERS)
  }
console.log(`${cpus()[0]?.model}, Node ${process.version}, ${nativeCurve.engine}\n`)
console.log('| a voucher | CPU us, median | least | per CPU second |\n|---|---|---|---|')
for (const [name, all] of times) {
  all.sort((a, b) => a - b)
  const median = all[ROUNDS >> 1]!
  console.log(
    `| ${name} | ${median.toFixed(1)} | ${all[0]!.toFixed(1)} | ${Math.round(1e6 / median).toLocaleString('en')} |`,
  )
}
