import { Fault } from '../../../domain/fault.ts'
import { checkJournalFile } from '../../journal/sqlite-check.ts'
import type { Lost } from '../../journal/sqlite-damage.ts'
import { rescueJournalFile } from '../../journal/sqlite-rescue.ts'
import { type ChangeFlags, tellLocal } from '../change.ts'
import { type Output, print, printData } from '../output.ts'
import { refuseMissing } from './place.ts'

/** `zennet journal check`. @throws Fault `journal.no-file`, `journal.corrupt` when something is damaged, and as `checkJournalFile` */
export const checkCommand = (path: string, output: Output): void => {
  refuseMissing(path)
  const { facts, lost, damages } = checkJournalFile(path)
  if (output !== 'table') printData({ facts, lost, damages }, output)
  else {
    printDamages(lost, damages)
    print(`${facts} facts can be read`)
  }
  if (lost.length === 0 && damages.length === 0) return
  throw new Fault('journal.corrupt', `${path} is damaged; ${lost.length} facts cannot be read`, {
    next: 'Put a backup in its place, or save the rest with `zennet journal rescue`.',
  })
}

/** `zennet journal rescue`. @throws Fault `journal.no-file`, and as `rescueJournalFile` */
export const rescueCommand = async (
  flags: ChangeFlags & { readonly from: string; readonly to: string; readonly output: Output },
): Promise<void> => {
  const { from, to, output } = flags
  refuseMissing(from)
  tellLocal(`copy what can be read of ${from} to ${to}`, flags)
  const { facts, lost, damages } = await rescueJournalFile(from, to)
  if (output !== 'table') return printData({ facts, to, lost, damages }, output)
  printDamages(lost, damages)
  print(`${facts} facts are in ${to}; ${lost.length} are lost`)
}

const printDamages = (lost: readonly Lost[], damages: readonly string[]): void => {
  for (const { position, stream, version, why } of lost) {
    print(`lost: position ${position}${stream === undefined ? '' : `, ${stream} version ${version}`}: ${why}`)
  }
  for (const damage of damages) print(`damaged: ${damage}`)
}
