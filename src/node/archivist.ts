import { Archivist } from '../archivist/archivist.ts'
import { systemClock } from '../clock/system.ts'
import type { Config } from '../config.ts'
import type { Archiving, Journal } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import type { Log } from '../log/port.ts'
import type { Part } from './duty.ts'

/** Moves what is over to the log's archive, where the log has one and the settings want it. */
export const openArchivist = (
  { keepClosedMs: keepMs }: Config,
  journal: Journal & Partial<Archiving>,
  snapshots: Snapshots,
  log: Log,
  moved: (streams: number) => void,
): Part => {
  const { archive, restore } = journal
  if (keepMs === 0 || !archive || !restore) return { close: async () => {} }
  const stop = new AbortController()
  const parts = { journal: { ...journal, archive, restore }, clock: systemClock, log, keepMs, snapshots, moved }
  const running = new Archivist(parts).run(stop.signal)
  return {
    async close() {
      stop.abort(new Error('the node stops'))
      await running
    },
  }
}
