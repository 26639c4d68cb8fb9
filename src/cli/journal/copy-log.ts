import { createHash } from 'node:crypto'
import { encode } from '../../../domain/codec.ts'
import { Fault } from '../../../domain/fault.ts'
import { Conflict, type Journal, type Recorded } from '../../journal/port.ts'

/** Facts read at a time. */
const PAGE = 500

export type Copied = { readonly facts: number; readonly streams: number; readonly written: number }
/** Called after each unit. */
export type OnCopied = (phase: 'copy' | 'compare', facts: number) => void

/**
 * Copies a log, unit by unit in its order, and compares the two at the end. The target's own facts say how far an earlier copy came.
 * @throws Fault `journal.not-whole` when facts were removed from the source, `journal.differs` when the two are not the same at
 *   the end or the target holds something else; and those of the journals
 */
export const copyLog = async (source: Journal, target: Journal, onCopied: OnCopied): Promise<Copied> => {
  const versions = new Map<string, number>()
  let facts = 0
  let written = 0
  for await (const unit of unitsOf(source)) {
    written += await copyUnit(unit, target, versions)
    facts += unit.length
    onCopied('copy', facts)
  }
  const there = await summaryOf(source, () => {})
  const here = await summaryOf(target, (count) => onCopied('compare', count))
  if (there.size !== here.size || [...there].some(([stream, sum]) => here.get(stream) !== sum)) throw differs()
  return { facts, streams: there.size, written }
}

/** Facts of one command stand together and are one unit; one larger than a page too. */
async function* unitsOf(source: Journal): AsyncGenerator<readonly Recorded[]> {
  let unit: Recorded[] = []
  for await (const recorded of factsOf(source)) {
    if (unit.length > 0 && unit[0]?.commandId !== recorded.commandId) {
      yield unit
      unit = []
    }
    unit.push(recorded)
  }
  if (unit.length > 0) yield unit
}

async function* factsOf(journal: Journal): AsyncGenerator<Recorded> {
  for (let after = 0; ; ) {
    const page = await journal.readAll(after, undefined, PAGE)
    yield* page
    const last = page.at(-1)
    if (!last) return
    after = last.position
  }
}

const copyUnit = async (unit: readonly Recorded[], target: Journal, versions: Map<string, number>): Promise<number> => {
  for (const { stream } of unit) {
    if (versions.has(stream)) continue
    const [newest] = await target.readBackward(stream, undefined, 1)
    versions.set(stream, newest?.version ?? 0)
  }
  const missing = unit.filter(({ stream, version }) => version > versions.get(stream)!)
  if (missing.length === 0) return 0
  if (missing.length < unit.length) throw differs()
  const reached = new Map(versions)
  for (const { stream, version } of unit) {
    if (reached.get(stream) !== version - 1) {
      throw new Fault('journal.not-whole', `facts were removed from stream ${stream}: its versions cannot be kept`, {
        culprit: 'you',
        next: 'Copy the file itself; only whole logs can go to another engine.',
      })
    }
    reached.set(stream, version)
  }
  const [{ commandId, correlationId, position } = { commandId: '', correlationId: '', position: 0 }] = unit
  // The writer gave no id: what stands there was made of the position, and would be wrong at another one.
  const named = commandId !== `at-${position}`
  const appends = unit.map(({ stream, version, fact }) => ({ stream, expected: version - 1, facts: [fact] }))
  try {
    await target.transact(appends, {
      ...(named ? { commandId } : {}),
      ...(correlationId === commandId ? {} : { correlationId }),
    })
  } catch (error) {
    throw error instanceof Conflict ? differs(error) : error
  }
  for (const [stream, version] of reached) versions.set(stream, version)
  return unit.length
}

/** For each stream a running SHA-256 over its facts as they are encoded, with their versions. */
const summaryOf = async (journal: Journal, onCount: (count: number) => void): Promise<Map<string, string>> => {
  const sums = new Map<string, string>()
  let count = 0
  for await (const { stream, version, fact } of factsOf(journal)) {
    const hash = createHash('sha256').update(sums.get(stream) ?? '')
    sums.set(stream, hash.update(`${version} ${encode(fact)}`).digest('base64'))
    count += 1
    if (count % PAGE === 0) onCount(count)
  }
  return sums
}

const differs = (cause?: unknown): Fault =>
  new Fault('journal.differs', 'the target does not hold what the source holds', {
    culprit: 'you',
    next: 'Stop the nodes that write to either log, and copy to an empty place.',
    cause,
  })
