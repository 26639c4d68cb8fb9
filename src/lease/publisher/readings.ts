import { isRefusal } from '../../../domain/fact.ts'
import type { InsideProblem, InsideReading } from '../../../domain/lease/inside.ts'
import { type LeaseState, stageOf } from '../../../domain/lease/lease.ts'
import { isToldToEnd } from '../../../domain/lease/notice.ts'
import type { InsideTolerance, Terms } from '../../../domain/terms.ts'
import { INSIDE_COMMAND, readInsideText } from '../../meter/inside.ts'
import type { ShellReader } from '../../shell/port.ts'
import type { Ledger } from '../ledger.ts'
import type { PublisherParty } from './deps.ts'
import type { ShellPorts } from './shell-ports.ts'

type Watched = { nextUs: number; busy: boolean; shellBefore: InsideReading['shell'] }

const NONE = { rxBytes: 0n, txBytes: 0n }

/** This node's own readings in the machines that it rents. They never hold up a tick; one that fails is only written down. */
export class Readings {
  readonly #party: PublisherParty
  readonly #ports: ShellPorts
  /** Tells the provider that this side has ended the lease. */
  readonly #onEnd: (state: LeaseState, why: string) => Promise<void>
  readonly #watched = new Map<string, Watched>()

  constructor(party: PublisherParty, ports: ShellPorts, onEnd: (state: LeaseState, why: string) => Promise<void>) {
    this.#party = party
    this.#ports = ports
    this.#onEnd = onEnd
  }

  /** Called at each tick: reads when it is time to. */
  due(ledger: Ledger, { context }: LeaseState): void {
    const { terms } = context
    const { inside, clock, log } = this.#party
    if (inside === undefined || terms?.inside === undefined || isToldToEnd(context, 'publisher')) return
    const known = this.#watched.get(ledger.leaseId) ?? {
      nextUs: this.#nextUs(terms.inside),
      busy: false,
      // What went through the shell in an earlier life of this process, as far as it was written down.
      shellBefore: context.inside?.shell ?? NONE,
    }
    this.#watched.set(ledger.leaseId, known)
    if (known.busy || clock.steadyUs() < known.nextUs) return
    known.busy = true
    this.#read(ledger, context, terms, inside.reader, known.shellBefore)
      .catch((err) => log.warn({ lease: ledger.leaseId, err }, 'a reading from inside was not written down'))
      .finally(() => {
        known.busy = false
        known.nextUs = this.#nextUs(terms.inside!)
      })
  }

  close(): void {
    for (const leaseId of [...this.#watched.keys()]) this.forget(leaseId)
  }

  forget(leaseId: string): void {
    this.#watched.delete(leaseId)
    this.#party.inside?.reader.leave(leaseId)
  }

  /** Between half and one and a half of the agreed time, by chance: nobody can be ready for it. */
  #nextUs({ everyMs }: InsideTolerance): number {
    const [high = 0, low = 0] = this.#party.random.bytes(2)
    return this.#party.clock.steadyUs() + everyMs * 1_000 * (0.5 + (high * 256 + low) / 65_536)
  }

  async #read(
    ledger: Ledger,
    context: LeaseState['context'],
    terms: Terms,
    reader: ShellReader,
    shellBefore: InsideReading['shell'],
  ): Promise<void> {
    const reading = await this.#reading(context, terms, reader, shellBefore)
    const done = await ledger.try([{ kind: 'inside', at: this.#party.clock.now(), reading }])
    // It ended meanwhile: what was read is of no use any more.
    if (isRefusal(done)) return
    if (typeof reading !== 'string' && stageOf(done) === 'settle')
      await this.#onEnd(done, 'more was billed than was read inside')
  }

  async #reading(
    { leaseId, tick, usage: billed }: LeaseState['context'],
    terms: Terms,
    reader: ShellReader,
    before: InsideReading['shell'],
  ): Promise<InsideReading | InsideProblem> {
    // Without isolation the machine's files are those of its host.
    if (terms.isolation === 'none') return 'no-isolation'
    let [text, shell] = ['', NONE]
    try {
      const port = await this.#ports.of(leaseId)
      if (port === undefined) return 'no-shell'
      text = await reader.run(leaseId, { port: port.port, ...terms.shell }, INSIDE_COMMAND)
      shell = port.traffic()
    } catch (err) {
      this.#party.log.info({ lease: leaseId, err }, 'nothing could be read in the machine')
      return 'no-shell'
    }
    const counters = readInsideText(text)
    if (counters === undefined) return 'bad-answer'
    if (counters.cpuUs === undefined && counters.memoryBytes === undefined) return 'no-counters'
    shell = { rxBytes: before.rxBytes + shell.rxBytes, txBytes: before.txBytes + shell.txBytes }
    return { tick, billed, counters, shell }
  }
}
