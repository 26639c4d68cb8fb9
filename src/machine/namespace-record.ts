import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from './lease-folder.ts'

const count = z.number().int().nonnegative()
const schema = z.strictObject({
  version: z.literal(1),
  image: z.string(),
  /** Root inside; absent: the provider's own user. */
  uid: count.optional(),
  outer: z.strictObject({ pid: count, startTicks: count }),
  first: z.strictObject({ pid: count, startTicks: count }),
  exitCode: count.optional(),
})

/** What a restarted provider needs to adopt a machine. Start times tell its processes from later ones with the same numbers. */
export type NamespaceRecord = z.infer<typeof schema>

const FILE = 'machine.json'

/** The record in a lease's folder; undefined when there is none or it was torn. */
export const readRecord = (folder: string): NamespaceRecord | undefined => {
  try {
    return schema.parse(JSON.parse(readFileSync(join(folder, FILE), 'utf8')))
  } catch {
    return undefined
  }
}

export const writeRecord = (folder: string, record: NamespaceRecord): Promise<void> =>
  writeWhole(folder, FILE, JSON.stringify(record))
