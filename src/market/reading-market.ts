import { Fault } from '../../domain/fault.ts'
import { KEY_ACCOUNTS } from '../../domain/wallet/key-path.ts'
import type { Market, NodeStatus, Problem } from '../api/port.ts'
import type { Projector } from '../projector/port.ts'
import type { Wallet } from '../wallet/port.ts'
import { accountBalance, bondedSats } from './coins.ts'

export type ReadingMarketParts = {
  readonly projector: Projector
  /** The coins as the log has them. */
  readonly wallet: Pick<Wallet, 'balance' | 'history'>
  readonly status: NodeStatus
}

const NEXT = 'Send it to a node with the role publisher or provider on the same log.'

const readsOnly: Problem = {
  problem: true,
  code: 'reads-only',
  message: 'this node only reads the log: it has no wallet, no chain and no machines',
  culprit: 'you',
  next: NEXT,
}

/** The API of a node without a role in the market: everything that the log tells, and no command. */
export const openReadingMarket = ({ projector, wallet, status }: ReadingMarketParts): Market => ({
  postAnnouncement: async () => readsOnly,
  checkAnnouncement: async () => readsOnly,
  withdrawAnnouncement: async () => readsOnly,
  stopLease: async () => readsOnly,
  withdrawNotice: async () => readsOnly,
  changeLease: async () => readsOnly,
  topUpLease: async () => readsOnly,
  pauseLease: async () => readsOnly,
  send: async () => readsOnly,
  budget: () => undefined,
  lending: async () => undefined,
  chainNetwork: () => undefined,
  // Shells open on the publisher's own machine.
  shell: async () => undefined,
  async balance() {
    const { confirmed, unconfirmed, immature } = await wallet.balance()
    const bonded = bondedSats(projector)
    return { confirmedSats: confirmed, unconfirmedSats: unconfirmed, immatureSats: immature, bondedSats: bonded }
  },
  balances: () => Promise.all(KEY_ACCOUNTS.map((account) => accountBalance(wallet, account))),
  async receiveAddress() {
    throw new Fault('node.no-wallet', 'this node only reads the log: it has no keys', { culprit: 'you', next: NEXT })
  },
  walletHistory: (limit) => wallet.history(limit),
  transaction: async () => undefined,
  feeRate: async () => undefined,
  status: () => status,
})
