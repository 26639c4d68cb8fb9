import { type ChangeFlags, tellLocal } from '../change.ts'
import { type Output, print, printData } from '../output.ts'
import { openProgress } from '../progress.ts'
import { copyLog } from './copy-log.ts'
import { openPlace } from './place.ts'

/** A line of progress for so many facts. */
const SHOW_EVERY = 1_000

/** `zennet journal copy`. @throws Fault as `copyLog` and `openPlace` */
export const copyCommand = async (
  flags: ChangeFlags & { readonly from: string; readonly to: string; readonly output: Output },
): Promise<void> => {
  const { from, to, output } = flags
  tellLocal(`copy the log ${from} to ${to}, and compare the two`, flags)
  const source = await openPlace(from, true)
  const progress = openProgress()
  try {
    const target = await openPlace(to, false)
    try {
      let shown = 0
      const { facts, streams, written } = await copyLog(source, target, (phase, count) => {
        if (Math.floor(count / SHOW_EVERY) === shown) return
        shown = Math.floor(count / SHOW_EVERY)
        progress.show(`${phase === 'copy' ? 'copied' : 'compared'} ${shown * SHOW_EVERY} facts`)
      })
      progress.clear()
      if (output !== 'table') printData({ facts, streams, written }, output)
      else print(`${facts} facts in ${streams} streams are the same in both; ${written} were written now`)
    } finally {
      await target.close()
    }
  } finally {
    progress.clear()
    await source.close()
  }
}
