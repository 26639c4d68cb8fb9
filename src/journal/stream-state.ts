import { Fault } from '../../domain/fault.ts'
import type { StreamInfo } from './port.ts'

/** @throws Fault `journal.tombstoned`, `journal.archived` when a stream is in another state than the one that is needed */
export const refuseUnless = (actual: StreamInfo['state'], needed: StreamInfo['state'], stream: string): void => {
  if (actual === needed) return
  refuseTombstoned(actual, stream)
  throw new Fault('journal.archived', `stream ${stream} is in an archive`, { next: 'Restore it first.' })
}

/** @throws Fault `journal.tombstoned` */
export const refuseTombstoned = (actual: StreamInfo['state'], stream: string): void => {
  if (actual === 'tombstoned') throw new Fault('journal.tombstoned', `stream ${stream} was removed for ever`)
}
