import { createHash, type Hash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import type { TypedStored } from './store.ts'

/**
 * An archive file: JSON lines. The first says what it is, the last is the SHA-256 of all before it and the number of facts; between
 * them one fact a line, `[position, stream, version, type, command, correlation or null, fact]`, a stream's lines together.
 * Whoever has only this file has those facts.
 */
const FORMAT = 1

/** Where a stream's lines are in a segment. */
export type Block = { readonly start: number; readonly bytes: number; readonly sha256: string }

/** A fact as it stands in the file: `correlation` is null where it equals the command. */
export type SegmentFact = Pick<TypedStored, 'position' | 'stream' | 'version' | 'type' | 'text'> & {
  readonly command: string
  readonly correlation: string | null
}

export const segmentPath = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(8, '0')}.jsonl`)

const prefixOf = ({ position, stream, version, type, command, correlation }: SegmentFact): string =>
  `${JSON.stringify([position, stream, version, type, command, correlation]).slice(0, -1)},`

/**
 * Writes a segment whole: it has its name only when all of it is on the disk, and a file of that name which a crash left unused is
 * replaced. `blocks` are taken one after the other, so only one is in memory.
 */
export const writeSegment = (
  path: string,
  number: number,
  blocks: Iterable<readonly SegmentFact[]>,
): { readonly blocks: readonly Block[]; readonly sha256: string } => {
  const folder = dirname(path)
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined
  if (isNew) syncFolder(dirname(folder))
  const passing = `${path}.part`
  const file = openSync(passing, 'w', 0o600)
  const whole = createHash('sha256')
  const written: Block[] = []
  let facts = 0
  try {
    let at = put(file, whole, `${JSON.stringify({ journal: 'segment', format: FORMAT, number })}\n`)
    for (const block of blocks) {
      const text = block.map((fact) => `${prefixOf(fact)}${fact.text}]\n`).join('')
      const bytes = put(file, whole, text)
      written.push({ start: at, bytes, sha256: createHash('sha256').update(text).digest('hex') })
      at += bytes
      facts += block.length
    }
    const sha256 = whole.digest('hex')
    put(file, undefined, `${JSON.stringify({ sha256, facts })}\n`)
    fsyncSync(file)
    renameSync(passing, path)
    syncFolder(folder)
    return { blocks: written, sha256 }
  } catch (cause) {
    // On a full disk it would take the room that others need.
    rmSync(passing, { force: true })
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause
    throw new Fault('journal.disk-full', `no room for ${path}`, { next: 'Make room on the disk.', cause })
  } finally {
    closeSync(file)
  }
}

/** @throws Fault `journal.corrupt` when the lines are gone or are not those that were written */
export const readBlock = (path: string, { start, bytes, sha256 }: Block): SegmentFact[] => {
  const text = Buffer.alloc(bytes)
  try {
    const file = openSync(path, 'r')
    try {
      for (let done = 0, read = 1; done < bytes && read > 0; done += read) {
        read = readSync(file, text, done, bytes - done, start + done)
      }
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw damaged(path, cause)
  }
  if (createHash('sha256').update(text).digest('hex') !== sha256) throw damaged(path)
  try {
    return text.toString().trimEnd().split('\n').map(factOf)
  } catch (cause) {
    throw damaged(path, cause)
  }
}

const factOf = (line: string): SegmentFact => {
  const [position, stream, version, type, command, correlation] = JSON.parse(line)
  const head = { position, stream, version, type, command, correlation, text: '' }
  const prefix = prefixOf(head)
  if (!line.startsWith(prefix) || !line.endsWith(']')) throw new SyntaxError('not a line of a segment')
  return { ...head, text: line.slice(prefix.length, -1) }
}

const put = (file: number, hash: Hash | undefined, text: string): number => {
  const bytes = Buffer.from(text)
  hash?.update(bytes)
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  return bytes.length
}

const syncFolder = (folder: string): void => {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const damaged = (path: string, cause?: unknown): Fault =>
  new Fault('journal.corrupt', `${path} is not what was archived`, {
    next: 'Put a backup of the file in its place.',
    cause,
  })
