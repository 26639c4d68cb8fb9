import { crc32 } from 'node:zlib'
import { Fault } from '../../domain/fault.ts'
import { ifDamaged } from '../sqlite/database.ts'
import type { Position } from './port.ts'

/** Of a fact's text, begun at its position, so that a text which stands in another's place is found out too. */
export const sumOf = (text: string, position: Position): number => crc32(text, position % 2 ** 32)

/** @throws Fault `journal.corrupt` when the text is not the one that was written; `sum` is null for facts of layout 2 */
export const checkSum = (text: string, position: Position, sum: number | null): void => {
  if (sum === null || sum === sumOf(text, position)) return
  throw new Fault('journal.corrupt', `the fact at position ${position} is not the one that was written`, {
    next: ifDamaged('journal'),
  })
}
