import type { RecordFacts } from '../../domain/announcement/facts.ts'
import { fromHex } from '../../domain/bytes.ts'
import { isRefusal } from '../../domain/fact.ts'
import { announcementStream } from '../../domain/ids.ts'
import type { ProviderParty } from '../lease/provider/deps.ts'
import { formatSubject } from '../lease/subject.ts'
import { talkOver } from '../lease/talk.ts'
import { challenge } from '../peer/challenge.ts'
import { announcementRules } from './chain-plan.ts'

/** Pauses between attempts to get an announcement's body from a publisher that does not give it: doubling, ms. */
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 60_000

/** Asks publishers for the bodies of their announcements, each beside the others: one that does not answer keeps nobody waiting. */
export class Bodies {
  readonly #party: ProviderParty
  readonly #stands: (txid: string) => boolean
  readonly #signal: AbortSignal
  readonly #asked = new Set<string>()

  /** @param stands whether an announcement is worth asking for */
  constructor(party: ProviderParty, stands: (txid: string) => boolean, signal: AbortSignal) {
    this.#party = party
    this.#stands = stands
    this.#signal = signal
  }

  /** The publisher may still be writing down what the chain has shown already, or be away for a while: asked until it answers. */
  fetch(txid: string, record: RecordFacts, author: string): void {
    if (this.#asked.has(txid)) return
    this.#asked.add(txid)
    const { log } = this.#party
    this.#untilKnown(txid, record, author).catch((err) => {
      if (!this.#signal.aborted) log.error({ announcement: txid, err }, 'its body is not asked for any more')
    })
  }

  async #untilKnown(txid: string, record: RecordFacts, author: string): Promise<void> {
    const { log, clock } = this.#party
    for (let attempt = 0; this.#stands(txid); attempt++) {
      try {
        return await this.#ask(txid, record, author)
      } catch (err) {
        this.#signal.throwIfAborted()
        log.info({ announcement: txid, attempt, err }, 'its publisher does not give the body')
      }
      await clock.sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 16)), this.#signal)
    }
  }

  /** One that stands is not asked for twice, whatever it gave; what stands no more is forgotten. */
  forgetGone(): void {
    for (const txid of this.#asked) if (!this.#stands(txid)) this.#asked.delete(txid)
  }

  async #ask(txid: string, record: RecordFacts, author: string): Promise<void> {
    const { keys, network, curve, random, clock, peers, streams, log } = this.#party
    const link = await peers.dial({ host: record.host, port: record.port }, this.#signal)
    try {
      await challenge(link, {
        role: 'provider',
        identity: keys.identity,
        network: network.name,
        subject: formatSubject({ kind: 'body', txid }),
        expectedKey: fromHex(author),
        curve,
        random,
      })
      const { body } = await talkOver(link).expect('body')
      const described = await streams.execute(announcementRules, announcementStream(txid), [
        { kind: 'describe', at: clock.now(), body },
      ])
      if (isRefusal(described))
        log.warn({ announcement: txid, why: described.why }, 'the body is not the one that was announced')
    } finally {
      link.close()
    }
  }
}
