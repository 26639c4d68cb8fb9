import { readOutput, readTransaction, writeOutput, writeTransaction } from '../../domain/chain/codec.ts'
import { Reader } from '../../domain/chain/reader.ts'
import type { ScriptError } from '../../domain/chain/script-error.ts'
import { Writer } from '../../domain/chain/writer.ts'
import type { ScriptJob } from './port.ts'

/** Jobs in wire form, and where among all jobs they begin. The bytes are handed over: a thread does not copy what it is told. */
export type ScriptTurn = { readonly from: number; readonly jobs: Uint8Array<ArrayBuffer> }
/** How many jobs were checked, and those of them, counted from the first of all jobs, whose scripts fail. */
export type ScriptAnswer = { readonly count: number; readonly failed: readonly (readonly [at: number, ScriptError])[] }

/** The shortest transaction, and no outputs. */
const LEAST_JOB_BYTES = 11
const BYTES_A_JOB = 256

/**
 * As one run of bytes: as objects, whose every script and witness is an allocation of its own, they cost the thread that tells them
 * several times as much, and that is processor time which the checking threads do not have.
 */
export const packJobs = (jobs: readonly ScriptJob[]): Uint8Array<ArrayBuffer> =>
  new Writer(BYTES_A_JOB * jobs.length)
    .list(jobs, (writer, { tx, spent }) => {
      writeTransaction(writer, tx)
      writer.list(spent, writeOutput)
    })
    .done()

export const unpackJobs = (bytes: Uint8Array): ScriptJob[] =>
  new Reader(bytes).list(LEAST_JOB_BYTES, (reader) => ({
    tx: readTransaction(reader),
    spent: reader.list(1, readOutput),
  }))
