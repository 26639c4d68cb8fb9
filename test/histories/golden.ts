import { readdirSync, readFileSync } from 'node:fs'
import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'

/** A fact as it was stored, and where. */
type Line = { readonly stream: string; readonly fact: Fact }

/**
 * Histories as they were written to a journal, one fact a line in the codec's form. They are only ever added to: what was
 * stored once is folded for ever, and a chart that no longer can needs an upcaster.
 */
export const goldenFiles = (folder = '.'): readonly string[] =>
  readdirSync(`${import.meta.dirname}/${folder}`)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()

export const goldenLines = (file: string): readonly string[] =>
  readFileSync(`${import.meta.dirname}/${file}`, 'utf8')
    .trimEnd()
    .split('\n')

/** The facts of each stream in the file, oldest first. */
export const goldenStreams = (file: string): ReadonlyMap<string, readonly Fact[]> => {
  const streams = new Map<string, Fact[]>()
  for (const text of goldenLines(file)) {
    const { stream, fact } = decode(text) as Line
    streams.set(stream, [...(streams.get(stream) ?? []), fact])
  }
  return streams
}
