import { Fault } from '../../domain/fault.ts'
import type { WalletFact } from '../../domain/wallet/facts.ts'
import { type KeyPathOf, observeBlock, observeTransaction, observeUndo } from '../../domain/wallet/observe.ts'
import type { WalletState } from '../../domain/wallet/state.ts'
import type { ChainEngine, ChainEvent } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import { isAway } from '../journal/port.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { FOLLOW_RETRY_MS, SCAN_NOTE_BLOCKS } from './port.ts'

export type FollowerParts = {
  readonly ledger: Ledger
  readonly engine: ChainEngine
  readonly outbox: Outbox
  readonly clock: Clock
  readonly keyPathOf: KeyPathOf
}

const TENDED: ReadonlySet<ChainEvent['kind']> = new Set(['connected', 'disconnected', 'caught-up'])

/** Writes what the chain's events mean for the wallet, from the last block noted, until `signal` is aborted. */
export const followChain = async (parts: FollowerParts, signal: AbortSignal): Promise<void> => {
  const { ledger, engine, clock } = parts
  while (!signal.aborted) {
    try {
      const { scanned } = await ledger.state()
      let live = false
      for await (const event of engine.follow(scanned, signal)) {
        await note(parts, event)
        live ||= event.kind === 'caught-up'
        // Not while catching up: the node then knows more than the facts do, and blocks to come may settle it.
        if (live && TENDED.has(event.kind)) await parts.outbox.tend()
      }
    } catch (error) {
      if (signal.aborted) return
      // Nothing is lost while the chain, or the log, does not answer: it goes on behind what was noted last.
      if (!isAway(error) && !(error instanceof Fault && error.code === 'chain.unreachable')) throw error
    }
    // Also when the events just ended, as a closing engine's do: without a pause this would spin.
    await clock.sleep(FOLLOW_RETRY_MS, signal).catch(() => undefined)
  }
}

const note = ({ ledger, clock, keyPathOf }: FollowerParts, event: ChainEvent): Promise<void> =>
  ledger.change((state) => ({ facts: factsOf(state, event, clock.now(), keyPathOf), answer: undefined }))

/** Pure: the same event seen again, on the state that it led to, gives nothing. */
export const factsOf = (state: WalletState, event: ChainEvent, at: number, keyPathOf: KeyPathOf): WalletFact[] => {
  switch (event.kind) {
    case 'connected': {
      const { height, hash, block } = event
      const facts = observeBlock(state, block, { at, height }, keyPathOf)
      const noted = state.scanned?.height ?? -1
      const due = height > noted && (facts.length > 0 || height - noted >= SCAN_NOTE_BLOCKS)
      return due ? [...facts, { type: 'wallet.scanned', at, height, hash }] : facts
    }
    case 'disconnected': {
      const { height, block } = event
      const facts = observeUndo(state, block, { at, height }, keyPathOf)
      const hash = block.header.previous
      const back = state.scanned !== undefined && state.scanned.height >= height && height > 0
      return back ? [...facts, { type: 'wallet.scanned', at, height: height - 1, hash }] : facts
    }
    case 'entered':
      return observeTransaction(state, event.tx, { at }, keyPathOf)
    // What left is noticed by `Outbox.tend`, which asks the node.
    case 'left':
    case 'caught-up':
    case 'mempool-told':
      return []
  }
}
