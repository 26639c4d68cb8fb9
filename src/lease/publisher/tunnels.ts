import type { Duplex } from 'node:stream'
import { toHex } from '../../../domain/bytes.ts'
import { Fault } from '../../../domain/fault.ts'
import type { Link } from '../../peer/port.ts'
import { openLedger } from '../ledger.ts'
import type { Subject } from '../subject.ts'
import type { Talk } from '../talk.ts'
import type { PublisherParty } from './deps.ts'

/** How long a provider has to bring the tunnel that was asked for, ms. */
const TUNNEL_TIMEOUT_MS = 15_000

/** Second streams that providers are asked to dial, for shells. */
export class Tunnels {
  readonly #party: Pick<PublisherParty, 'clock' | 'random' | 'streams'>
  readonly #waiting = new Map<string, (stream: Duplex) => void>()

  constructor(party: Pick<PublisherParty, 'clock' | 'random' | 'streams'>) {
    this.#party = party
  }

  /** @throws Fault `lease.no-session`, `lease.no-tunnel` */
  async ask(leaseId: string, talk: Talk | undefined): Promise<Duplex> {
    if (!talk)
      throw new Fault('lease.no-session', 'the provider is not connected', {
        culprit: 'peer-unreachable',
        next: 'Try again in a moment.',
      })
    const id = toHex(this.#party.random.bytes(16))
    const arrived = new Promise<Duplex>((resolve) => this.#waiting.set(`${leaseId}:${id}`, resolve))
    const given = new AbortController()
    const late = this.#party.clock.sleep(TUNNEL_TIMEOUT_MS, given.signal).then(() => {
      throw new Fault('lease.no-tunnel', 'the provider did not bring the tunnel', {
        culprit: 'peer-unreachable',
        next: 'Try again.',
      })
    })
    try {
      await talk.send({ type: 'tunnel', id })
      return await Promise.race([arrived, late])
    } finally {
      this.#waiting.delete(`${leaseId}:${id}`)
      given.abort()
      late.catch(() => {})
    }
  }

  /** A stream that a provider brings goes to who waits for it; from anybody else it is closed. */
  async take(link: Link, { leaseId, id }: Extract<Subject, { kind: 'tunnel' }>, peerKey: string): Promise<void> {
    const waiting = this.#waiting.get(`${leaseId}:${id}`)
    const { context } = await openLedger(this.#party.streams, leaseId).lease()
    if (!waiting || context.peerKey !== peerKey) return link.close()
    waiting(link.toDuplex())
  }
}
