import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const amount = z
  .string()
  .regex(/^\d{1,30}$/)
  .transform(BigInt)

const schema = z.object({
  /** The process that stands for the machine; with its start (ticks after boot) it cannot be confused with a later one. */
  pid: z.int().positive(),
  startedAt: z.string().max(32),
  frozen: z.boolean(),
  /** Totals as last counted, so that they do not fall when the provider starts again. */
  used: z.object({ cpuUs: amount, ioReadBytes: amount, ioWriteBytes: amount }),
})

/** What is remembered of a machine beside its home, as `machine.json`. */
export type ProcessRecord = z.output<typeof schema>

/** Reads a machine's record; undefined when there is none, or none that can be read. */
export const readRecord = (folder: string): ProcessRecord | undefined => {
  try {
    return schema.parse(JSON.parse(readFileSync(join(folder, 'machine.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Writes it as a whole or not at all. */
export const writeRecord = (folder: string, record: ProcessRecord): void => {
  const file = join(folder, 'machine.json')
  const text = JSON.stringify(record, (_key, value) => (typeof value === 'bigint' ? value.toString() : value))
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
