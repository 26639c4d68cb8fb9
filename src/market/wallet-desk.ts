import { toHex } from '../../domain/bytes.ts'
import { decodeAddress, encodeAddress } from '../../domain/chain/address.ts'
import { encodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import type { TxOutput } from '../../domain/chain/transaction.ts'
import { isRefusal, type Refusal } from '../../domain/fact.ts'
import { readDescriptor } from '../../domain/wallet/watch-descriptor.ts'
import type { Done, Problem, WalletDesk } from '../api/port.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Journal } from '../journal/port.ts'
import type { SpendingLock, Wallet } from '../wallet/port.ts'
import { asProblem, guarded } from './answer.ts'

export type WalletDeskParts = {
  readonly journal: Journal
  readonly engine: ChainEngine
  readonly wallet: Wallet
  readonly lock: SpendingLock
}

const shown = ({ network }: ChainEngine, { value, script }: TxOutput): { sats: bigint; address?: string } => {
  try {
    return { sats: value, address: encodeAddress(network, script) }
  } catch {
    // A script that nobody writes as an address.
    return { sats: value }
  }
}

/** What the owner of the coins does beyond paying, each answered with what was done or with a problem that a person can act on. */
export const openWalletDesk = ({ journal, engine, wallet, lock }: WalletDeskParts): WalletDesk => {
  const done = async <T extends object>(act: () => Promise<T>): Promise<Done<Exclude<T, Refusal>> | Problem> => {
    const answer = await guarded(act)
    return asProblem(answer) ?? { ...(answer as Exclude<T, Refusal>), position: await journal.head() }
  }
  /** Refused while the wallet is locked. */
  const spending = <T extends object>(act: () => Promise<T>) =>
    done<T | Refusal>(async () => lock.refusal() ?? (await act()))

  return {
    bump: (txid, choice) =>
      spending(async () => {
        const bumped = await wallet.bump(txid, choice)
        if (isRefusal(bumped)) return bumped
        return { txid: bumped.txid, feeSats: bumped.fee, ...(bumped.replaces ? { replaces: bumped.replaces } : {}) }
      }),
    label: (txid, label) => done(async () => (await wallet.label(txid, label)) ?? { txid, label }),
    labelAddress: (address, label) =>
      done(async () => (await wallet.labelAddress(address, label)) ?? { address, label }),
    addresses: async () =>
      (await wallet.addresses()).map(({ keyPath, received, unspent, ...rest }) => ({
        ...rest,
        ...keyPath,
        receivedSats: received,
        unspentSats: unspent,
      })),
    decodePsbt: (psbt) =>
      done(async () => {
        const { fee, inputs, outputs, version, txid } = await wallet.psbts.decode(psbt)
        return {
          version,
          txid,
          ...(fee === undefined ? {} : { feeSats: fee }),
          inputs: inputs.map(({ spent, ...input }) => ({ ...input, ...(spent ? shown(engine, spent) : {}) })),
          outputs: outputs.map(({ own, ...output }) => ({ own, ...shown(engine, output) })),
        }
      }),
    createPsbt: ({ address, sats, ...choice }) =>
      done(async () => {
        const outputs = [{ script: decodeAddress(engine.network, address), value: sats }]
        const made = await wallet.psbts.create({ outputs, ...choice })
        return isRefusal(made) ? made : { psbt: made.psbt, feeSats: made.fee }
      }),
    signPsbt: (psbt) => spending(() => wallet.psbts.sign(psbt)),
    combinePsbts: (psbts) => done(async () => ({ psbt: wallet.psbts.combine(psbts) })),
    finalizePsbt: (psbt, broadcast) =>
      done(async () => {
        const { psbt: final, tx } = wallet.psbts.finalize(psbt)
        if (broadcast) await engine.broadcast(tx)
        return { psbt: final, txid: transactionId(tx), raw: toHex(encodeTransaction(tx)), broadcast }
      }),
    descriptors: () => wallet.descriptors(),
    readDescriptor: (given) => {
      const { text, branches } = readDescriptor(given, engine.network)
      return {
        text,
        branches: branches.map(({ ranged, scriptAt }) => ({
          ranged,
          addressAt: (index) => encodeAddress(engine.network, scriptAt(index)),
        })),
      }
    },
    lockState: () => lock.state(),
    lock: () => done(async () => lock.lock() ?? lock.state()),
    unlock: (password, forMs) => done(async () => (await lock.unlock(password, forMs)) ?? lock.state()),
  }
}
