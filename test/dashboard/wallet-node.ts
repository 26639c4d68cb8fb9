import { onTestFinished } from 'vitest'
import { decodeAddress, encodeAddress } from '../../domain/chain/address.ts'
import { Fault } from '../../domain/fault.ts'
import { KEY_ACCOUNTS } from '../../domain/wallet/key-path.ts'
import { systemClock } from '../../src/clock/system.ts'
import { asProblem, guarded } from '../../src/market/answer.ts'
import { accountBalance } from '../../src/market/coins.ts'
import { openWalletDesk } from '../../src/market/wallet-desk.ts'
import { openSpendingLock } from '../../src/wallet/spending-lock.ts'
import { startNode } from '../api/node.ts'
import { key } from '../chain/coins.ts'
import { openBench } from '../wallet/bench.ts'
import { smallChain } from '../wallet/small-chain.ts'
import { DASHBOARD } from './browser.ts'
import { block, hashOf } from './chain-facts.ts'

export const PASSWORD = 'right horse'
export const ELSEWHERE = encodeAddress(smallChain().network, key(77).script)

/** A node with a dashboard over a real wallet, on a small chain. `coins`: of 1,000,000 sats each. */
export const walletNode = async (coins = 2) => {
  const chain = smallChain()
  const node = await startNode(0, { dashboard: DASHBOARD })
  onTestFinished(() => node.close())
  const bench = openBench(chain, { journal: node.journal })
  const { wallet, keys } = bench
  for (let i = 0; i < coins; i++) await chain.mine(1, keys.receive(i).script)
  await chain.mine(2, key(77).script)
  const tip = await chain.tip()
  await bench.until('funded', async () => (await wallet.balance()).confirmed === BigInt(coins) * 1_000_000n)
  const now = { ...block(tip.height, [hashOf(1)]), time: Math.floor(Date.now() / 1_000) }
  await node.append('chain', now as never)
  const lock = openSpendingLock({
    clock: systemClock,
    hasPassword: true,
    check: async (password) => {
      if (password !== PASSWORD)
        throw new Fault('wallet.wrong-password', 'the password does not open it', { culprit: 'you', next: 'Check it.' })
    },
  })
  Object.assign(node.market, {
    desk: openWalletDesk({ journal: node.journal, engine: chain, wallet, lock }),
    walletHistory: (limit: number) => wallet.history(limit),
    balance: async () => {
      const { confirmed, unconfirmed, immature } = await wallet.balance()
      return { confirmedSats: confirmed, unconfirmedSats: unconfirmed, immatureSats: immature, bondedSats: 0n }
    },
    balances: () => Promise.all(KEY_ACCOUNTS.map((account) => accountBalance(wallet, account))),
    receiveAddress: () => wallet.receiveAddress(),
    send: async (payment: { address: string; sats: bigint }, idempotencyKey: string) => {
      const { address, sats, ...choice } = payment
      const reference = `send-${idempotencyKey}`
      const sent = await guarded(async () => {
        const outputs = [{ script: decodeAddress(chain.network, address), value: sats }]
        return lock.refusal() ?? (await wallet.pay({ outputs, purpose: 'payment', reference, ...choice }))
      })
      return asProblem(sent) ?? { txid: (sent as { txid: string }).txid, position: await node.journal.head() }
    },
  })
  return { node, chain, bench, lock, head: () => node.journal.head() }
}
