import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import type { z } from 'zod'

/** A file of this node's own that is longer was not written by it. */
const MAX_FILE_BYTES = 4_000_000

/** What a small file holds; undefined when it is not there, or cannot be used: then it is begun anew. */
export const readState = <T>(path: string, schema: z.ZodType<T>): T | undefined => {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return undefined
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Writes it beside the old one and puts it in its place: a killed process leaves the one or the other. */
export const writeState = (path: string, value: unknown): void => {
  const beside = `${path}.new`
  writeFileSync(beside, JSON.stringify(value), { mode: 0o600 })
  renameSync(beside, path)
}
