import type { LendingFact } from '../../domain/availability/facts.ts'
import type { ChainFact } from '../../domain/chain/facts.ts'
import type { ChainIndexFact } from '../../domain/chain/index-facts.ts'
import type { MempoolFact } from '../../domain/chain/mempool-facts.ts'
import type { BeatFact } from '../../domain/claim/facts.ts'
import type { Fact } from '../../domain/fact.ts'
import type { ForgettingFact } from '../../domain/forgetting/facts.ts'
import type { LoginFact } from '../../domain/login/facts.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import { announcementFacts } from '../domain/announcement/sample.ts'
import { channelFacts } from '../domain/channel/sample.ts'
import { claimFacts } from '../domain/claim/sample.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { leaseFacts } from '../domain/lease/sample.ts'
import { timerFacts } from '../domain/timer/sample.ts'

const AT = 1_800_000_001_000
const txid = 'ab'.repeat(32)
const by = 'cd'.repeat(32)
const hash = '00'.repeat(32)

type Each<F extends Fact> = { readonly [T in F['type']]: Extract<F, { type: T }> }

const walletFacts: Each<WalletFact> = {
  'wallet.received': {
    type: 'wallet.received',
    at: AT,
    txid,
    vout: 0,
    value: 50_000n,
    script: `0014${'11'.repeat(20)}`,
    keyPath: { account: 'receive', index: 0 },
    coinbase: false,
    bond: false,
    height: 100,
  },
  'wallet.confirmed': { type: 'wallet.confirmed', at: AT, txid, height: 101 },
  'wallet.unconfirmed': { type: 'wallet.unconfirmed', at: AT, txid },
  'wallet.sent': {
    type: 'wallet.sent',
    at: AT,
    txid: by,
    raw: '0200',
    purpose: 'payment',
    reference: 'rent-1',
    also: ['rent-2'],
    inputs: [{ txid, vout: 0 }],
    fee: 200n,
  },
  'wallet.spent': { type: 'wallet.spent', at: AT, txid, vout: 0, by, height: 102 },
  'wallet.address-used': {
    type: 'wallet.address-used',
    at: AT,
    keyPath: { account: 'change', index: 0 },
    reference: 'rent-1',
  },
  'wallet.dropped': { type: 'wallet.dropped', at: AT, txid: by, reason: 'conflict' },
  'wallet.labelled': { type: 'wallet.labelled', at: AT, txid: by, label: 'rent' },
  'wallet.address-labelled': {
    type: 'wallet.address-labelled',
    at: AT,
    keyPath: { account: 'receive', index: 3 },
    label: 'the shop',
  },
  'wallet.scanned': { type: 'wallet.scanned', at: AT, height: 102, hash },
}

const chainFacts: Each<ChainFact> = {
  'chain.connected': {
    type: 'chain.connected',
    at: AT,
    height: 1,
    hash,
    previous: hash,
    time: 1_800_000_001,
    transactions: [
      { txid, coinbase: true, outputSats: 5_000n, inputs: 1, outputs: 1, virtualSize: 100, weight: 400 },
      { txid: by, coinbase: false, outputSats: 900n, inputs: 1, outputs: 1, virtualSize: 100, weight: 400, fee: 100n },
    ],
    totals: { transactions: 3, sizeBytes: 390, weight: 1_200, subsidySats: 4_800n, feeSats: 200n },
  },
  'chain.included': {
    type: 'chain.included',
    at: AT,
    height: 1,
    hash,
    time: 1_800_000_001,
    first: 2,
    transactions: [
      { txid: by, coinbase: false, outputSats: 800n, inputs: 1, outputs: 1, virtualSize: 100, weight: 400, fee: 100n },
    ],
  },
  'chain.disconnected': { type: 'chain.disconnected', at: AT, height: 1, hash },
  'chain.reorganised': { type: 'chain.reorganised', at: AT, depth: 2, height: 7, hash, from: by },
}

const indexed = {
  at: AT,
  height: 1,
  hash,
  previous: hash,
  time: 1_800_000_001,
  transactions: [
    {
      txid,
      index: 1,
      coinbase: false,
      first: 0,
      made: [[900n, 'zd1qqqq']],
      spent: [[`${by}:0`, 1_000n, 'zd1qqqq']],
      again: ['zd1qqqq'],
    },
  ],
} as const
const indexFacts: Each<ChainIndexFact> = {
  'index.connected': { type: 'index.connected', ...indexed },
  'index.disconnected': { type: 'index.disconnected', ...indexed },
}

const transaction = { txid, virtualSize: 141, inputs: 1, outputs: 2, outputSats: 900n, fee: 141n, depends: [by] }
const mempoolFacts: Each<MempoolFact> = {
  'mempool.entered': { type: 'mempool.entered', at: AT, transaction },
  'mempool.kept': { type: 'mempool.kept', at: AT, transaction },
  'mempool.left': { type: 'mempool.left', at: AT, txid, reason: 'confirmed' },
}

const beats: Each<BeatFact> = { 'claim.renewed': { type: 'claim.renewed', at: AT } }
const forgettings: Each<ForgettingFact> = {
  'subject.forgotten': { type: 'subject.forgotten', at: AT, subject: `lease-${'0'.repeat(32)}` },
}

const loginFacts: Each<LoginFact> = {
  'login.opened': {
    type: 'login.opened',
    at: AT,
    login: '00112233aabbccdd',
    key: `SHA256:${'x'.repeat(43)}`,
    from: '192.0.2.7',
  },
  'login.closed': {
    type: 'login.closed',
    at: AT,
    login: '00112233aabbccdd',
    why: 'client',
    channels: { shell: 1, exec: 2, sftp: 0, forward: 3, listener: 1 },
    rxBytes: 1_000n,
    txBytes: 2_000n,
  },
  'login.counted': { type: 'login.counted', at: AT, refused: 12, unrecorded: 0 },
}

const lending: Each<LendingFact> = {
  'lending.began': { type: 'lending.began', at: AT },
  'lending.kept': { type: 'lending.kept', at: AT, closed: 'owner-busy' },
  'lending.ended': { type: 'lending.ended', at: AT },
}

/** One fact of each type that is written today, as the types say that it must be. The last two are said by those who write them. */
export const EVERY_FACT: readonly Fact[] = [
  ...[walletFacts, chainFacts, indexFacts, mempoolFacts, beats, forgettings, lending, loginFacts].flatMap(
    (facts) => Object.values(facts) as Fact[],
  ),
  ...[announcementFacts(), channelFacts(), claimFacts(), effectFacts(), leaseFacts(), timerFacts()].flatMap(
    (facts) => Object.values(facts) as Fact[],
  ),
  { type: 'log.owned', at: AT, identity: `02${'77'.repeat(32)}`, network: 'xencoin-dev' } as Fact,
  { type: 'request.answered', at: AT, operation: 'rent', input: hash, answer: { txid, position: 7 } } as Fact,
]
