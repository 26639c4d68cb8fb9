import { expect, it, onTestFinished } from 'vitest'
import { encodeAddress } from '../../domain/chain/address.ts'
import { INDEX_STREAM } from '../../domain/chain/index-facts.ts'
import { Fault } from '../../domain/fault.ts'
import { systemClock } from '../../src/clock/system.ts'
import { openWalletDesk } from '../../src/market/wallet-desk.ts'
import { openSpendingLock } from '../../src/wallet/spending-lock.ts'
import { key } from '../chain/coins.ts'
import { LIMIT_MS, openBench, sentBy } from '../wallet/bench.ts'
import { smallChain } from '../wallet/small-chain.ts'
import { ask, startNode } from './node.ts'

const elsewhere = key(77).script
const PROBLEM = '... on Problem { code next }'

/** The API over a real wallet with two coins, whose payments wait. */
const walletNode = async () => {
  const chain = smallChain()
  const bench = openBench(chain)
  for (let i = 0; i < 2; i++) await chain.mine(1, bench.keys.receive(i).script)
  await chain.mine(2, elsewhere)
  await bench.until('funded', async (wallet) => (await wallet.balance()).confirmed === 2_000_000n)
  const lock = openSpendingLock({
    clock: systemClock,
    hasPassword: true,
    check: async (password) => {
      if (password !== 'right') throw new Fault('wallet.wrong-password', 'no', { culprit: 'you', next: 'Check it.' })
    },
  })
  const node = await startNode()
  onTestFinished(() => node.close())
  const desk = openWalletDesk({ journal: node.journal, engine: chain, wallet: bench.wallet, lock })
  Object.assign(node.market, { desk, walletHistory: (limit: number) => bench.wallet.history(limit) })
  const answerOf = async (document: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await ask<{ it: Record<string, unknown> }>(node, document, variables)
    expect(errors).toBeUndefined()
    return data!.it
  }
  return { node, chain, bench, answerOf }
}
const address = encodeAddress(smallChain().network, elsewhere)
const payment = { outputs: [{ value: 100_000n, script: elsewhere }], purpose: 'payment' as const, feeRate: 1 }
const bump = `mutation($input: BumpInput!) { it: bumpTransaction(input: $input) {
  __typename ... on TransactionBumped { txid feeSats replaces } ${PROBLEM} } }`

it('raises a fee once for one key, and says why not', { timeout: LIMIT_MS }, async () => {
  const { chain, bench, answerOf } = await walletNode()
  const sent = sentBy(await bench.wallet.pay(payment))
  chain.forget(sent.txid)
  const input = { txid: sent.txid, feeRate: 5, idempotencyKey: 'k' }
  const first = await answerOf(bump, { input })
  expect(first).toMatchObject({ __typename: 'TransactionBumped', replaces: sent.txid })
  expect(await answerOf(bump, { input })).toEqual(first)
  expect(await answerOf(bump, { input: { ...input, idempotencyKey: 'l' } })).toMatchObject({ code: 'not-waiting' })
  for (const wrong of [{ txid: 'ab' }, { feeRate: 0 }, { targetBlocks: 0 }, { targetBlocks: 2_000 }])
    expect(
      await answerOf(bump, { input: { ...input, ...wrong, idempotencyKey: JSON.stringify(wrong) } }),
    ).toMatchObject({
      code: 'api.bad-input',
    })
})

it('makes, signs, combines and finalises a PSBT', { timeout: LIMIT_MS }, async () => {
  const { chain, answerOf } = await walletNode()
  const psbtOf = '__typename ... on PsbtMade { psbt feeSats signedInputs }'
  const made = await answerOf(
    `mutation($input: CreatePsbtInput!) { it: createPsbt(input: $input) { ${psbtOf} ${PROBLEM} } }`,
    {
      input: { address, sats: '1500000', feeRate: 2 },
    },
  )
  expect(made).toMatchObject({ __typename: 'PsbtMade', signedInputs: null })
  const sign = `mutation($psbt: String!) { it: signPsbt(psbt: $psbt) { ${psbtOf} ${PROBLEM} } }`
  const signed = await answerOf(sign, { psbt: made['psbt'] })
  expect(signed).toMatchObject({ signedInputs: 2 })
  const both = await answerOf(
    `mutation($psbts: [String!]!) { it: combinePsbts(psbts: $psbts) { ${psbtOf} ${PROBLEM} } }`,
    {
      psbts: [made['psbt'], signed['psbt']],
    },
  )
  const finalize = `mutation($psbt: String!) { it: finalizePsbt(psbt: $psbt, broadcast: true) {
    ... on PsbtFinalized { txid broadcast } ${PROBLEM} } }`
  expect(await answerOf(finalize, { psbt: made['psbt'] })).toMatchObject({ code: 'wallet.psbt-incomplete' })
  const final = await answerOf(finalize, { psbt: both['psbt'] })
  expect(final).toMatchObject({ broadcast: true })
  expect(await chain.transaction(final['txid'] as string)).toBeDefined()
  expect(await answerOf(sign, { psbt: 'nonsense' })).toMatchObject({ code: 'wallet.bad-psbt' })
})

it('spends nothing while it is locked', { timeout: LIMIT_MS }, async () => {
  const { chain, bench, answerOf } = await walletNode()
  const sent = sentBy(await bench.wallet.pay(payment))
  chain.forget(sent.txid)
  const state = `__typename ... on WalletLock { locked unlockedUntil } ${PROBLEM}`
  expect(await answerOf(`mutation { it: lockWallet { ${state} } }`)).toMatchObject({ locked: true })
  expect(await answerOf('{ it: walletLock { locked } }')).toEqual({ locked: true })
  const input = { txid: sent.txid, feeRate: 5, idempotencyKey: 'k' }
  expect(await answerOf(bump, { input })).toMatchObject({ code: 'wallet-locked' })
  const unlock = `mutation($password: String!) { it: unlockWallet(password: $password) { ${state} } }`
  expect(await answerOf(unlock, { password: 'wrong' })).toMatchObject({ code: 'wallet.wrong-password' })
  expect(await answerOf(unlock, { password: 'right' })).toMatchObject({
    locked: false,
    unlockedUntil: expect.any(String),
  })
  expect(await answerOf(bump, { input })).toMatchObject({ __typename: 'TransactionBumped' })
})

it('labels what it knows, and says what finds its addresses', { timeout: LIMIT_MS }, async () => {
  const { bench, answerOf } = await walletNode()
  const { txid } = (await bench.wallet.history())[0]!
  const label = `mutation($txid: Hex!, $label: String!) { it: labelTransaction(txid: $txid, label: $label) {
    __typename ${PROBLEM} } }`
  expect(await answerOf(label, { txid, label: 'a coin' })).toMatchObject({ __typename: 'TransactionLabelled' })
  const { edges } = await answerOf('{ it: walletHistory(first: 5) { edges { node { txid label } } } }')
  expect(edges).toContainEqual({ node: { txid, label: 'a coin' } })
  expect(await answerOf(label, { txid: '11'.repeat(32), label: 'x' })).toMatchObject({ code: 'unknown-transaction' })
  const descriptors = await answerOf('{ it: walletDescriptors { account descriptor } }')
  expect(descriptors).toHaveLength(4)
})

it('lists its addresses with the owner’s words, and what was paid to them', { timeout: LIMIT_MS }, async () => {
  const { bench, answerOf, chain } = await walletNode()
  const own = encodeAddress(chain.network, bench.keys.receive(1).script)
  const label = `mutation($address: String!, $label: String!) { it: labelAddress(address: $address, label: $label) {
    __typename ${PROBLEM} } }`
  expect(await answerOf(label, { address: own, label: 'the shop' })).toMatchObject({ __typename: 'AddressLabelled' })
  expect(await answerOf(label, { address, label: 'x' })).toMatchObject({ code: 'unknown-address' })
  expect(await answerOf(label, { address: 'nonsense', label: 'x' })).toMatchObject({ code: 'chain.bad-address' })
  expect(await answerOf(label, { address: own, label: 'y'.repeat(201) })).toMatchObject({ code: 'bad-label' })
  const list = '{ it: walletAddresses { address account index receivedSats unspentSats label } }'
  const entry = { address: own, account: 'RECEIVE', index: 1, receivedSats: '1000000', unspentSats: '1000000' }
  expect(await answerOf(list)).toContainEqual({ ...entry, label: 'the shop' })
  await answerOf(label, { address: own, label: '' })
  expect(await answerOf(list)).toContainEqual({ ...entry, label: null })
})

it('reads a PSBT of either version without signing it', { timeout: LIMIT_MS }, async () => {
  const { answerOf } = await walletNode()
  for (const version of [0, 2]) {
    const made = await answerOf(
      'mutation($input: CreatePsbtInput!) { it: createPsbt(input: $input) { ... on PsbtMade { psbt feeSats } } }',
      { input: { address, sats: '1500000', feeRate: 2, version } },
    )
    const decode = `query($psbt: String!) { it: decodePsbt(psbt: $psbt) { ${PROBLEM} ... on PsbtDecoded {
      version feeSats inputs { sats own signed } outputs { sats address own } } } }`
    const input = { sats: '1000000', own: true, signed: false }
    const decoded = await answerOf(decode, { psbt: made['psbt'] })
    expect(decoded).toMatchObject({ version, feeSats: made['feeSats'], inputs: [input, input] })
    expect(decoded['outputs']).toContainEqual({ sats: '1500000', address, own: false })
    expect(await answerOf(decode, { psbt: 'cHNi' })).toMatchObject({ code: 'wallet.bad-psbt' })
  }
})

it('says what the addresses of any descriptor have, as far as they are used', { timeout: LIMIT_MS }, async () => {
  const { node, bench, answerOf, chain } = await walletNode()
  const { descriptor } = bench.wallet.descriptors()[0]!
  const watch = `query($descriptor: String!, $gap: Int! = 20) { it: watched(descriptor: $descriptor, gap: $gap) {
    descriptor balanceSats receivedSats complete addresses { index used balanceSats } } }`
  const refusal = async (variables: Record<string, unknown>) =>
    (await ask(node, watch, variables)).errors?.[0]?.extensions?.['code']
  expect(await refusal({ descriptor })).toBe('api.not-indexed')

  const paid = (index: number, sats: bigint) =>
    [sats, encodeAddress(chain.network, bench.keys.receive(index).script)] as const
  const made = [paid(0, 700n), paid(2, 50n), paid(2, 1n), paid(60, 9n)]
  const transaction = { txid: '77'.repeat(32), index: 0, coinbase: true, first: 0, made, spent: [], again: [] }
  const block = { at: 1, height: 1, hash: '11'.repeat(32), previous: '00'.repeat(32), time: 1 }
  const fact = { type: 'index.connected', ...block, transactions: [transaction] } as const
  await node.append(INDEX_STREAM, fact)

  const used = (index: number, balanceSats: string) => ({ index, used: true, balanceSats })
  const near = { descriptor, balanceSats: '751', receivedSats: '751', complete: true }
  expect(await answerOf(watch, { descriptor })).toEqual({
    ...near,
    addresses: [used(0, '700'), used(2, '51'), { index: 3, used: false, balanceSats: '0' }],
  })
  // Behind more unused ones than are looked at, there is one more.
  expect(await answerOf(watch, { descriptor, gap: 60 })).toMatchObject({ balanceSats: '760' })
  expect(await answerOf(watch, { descriptor: `addr(${paid(2, 0n)[1]})` })).toMatchObject({
    balanceSats: '51',
    addresses: [used(0, '51')],
  })
  expect(await refusal({ descriptor: 'wpkh(nonsense)' })).toBe('wallet.bad-descriptor')
  for (const gap of [0, 201]) expect(await refusal({ descriptor, gap })).toBe('api.bad-input')
})

it('has no desk where the log is only read', async () => {
  const node = await startNode()
  onTestFinished(() => node.close())
  const { data } = await ask<{ it: unknown }>(node, `mutation { it: lockWallet { ... on Problem { code } } }`)
  expect(data!.it).toEqual({ code: 'reads-only' })
})
