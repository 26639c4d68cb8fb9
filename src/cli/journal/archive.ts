import { RAW_FORM } from '../../journal/fact-form.ts'
import { openSqliteJournal } from '../../journal/sqlite.ts'
import { type JournalInfo, journalFileInfo } from '../../journal/sqlite-info.ts'
import { type ChangeFlags, tellLocal } from '../change.ts'
import { type Column, type Output, printOne, say } from '../output.ts'
import { showNumber, showSize } from '../quantity.ts'
import { refuseMissing } from './place.ts'

const FIELDS: readonly Column<JournalInfo>[] = [
  ['file', ({ path, layout }) => `${path}, layout ${layout}`],
  ['size', ({ bytes }) => showSize(bytes)],
  ['head', ({ head }) => showNumber(head)],
  ['facts', ({ facts, streams }) => `${showNumber(facts)} in ${showNumber(streams)} streams`],
  [
    'archive',
    ({ archivedStreams, segments, segmentBytes }) =>
      `${showNumber(archivedStreams)} streams in ${showNumber(segments)} files, ${showSize(segmentBytes)}`,
  ],
  ['removed', ({ tombstonedStreams }) => `${showNumber(tombstonedStreams)} streams`],
]

/** `zennet journal info`. @throws Fault `journal.no-file`, and as `journalFileInfo` */
export const infoCommand = (path: string, output: Output): void => {
  refuseMissing(path)
  printOne(journalFileInfo(path), FIELDS, output)
}

/** `zennet journal archive` and `restore`. @throws Fault `journal.no-file`, and as `Archiving` */
export const moveCommand = async (
  how: 'archive' | 'restore',
  path: string,
  streams: readonly string[],
  flags: ChangeFlags,
) => {
  refuseMissing(path)
  const where = how === 'archive' ? 'to the archive' : 'back from the archive'
  tellLocal(`move ${streams.length} streams of ${path} ${where}`, flags)
  const journal = await openSqliteJournal({ path, form: RAW_FORM })
  try {
    const moved = await journal[how](streams)
    const rest = streams.length - moved
    const left = rest > 0 ? `; ${rest} had nothing there to move` : ''
    say(`${moved} of ${streams.length} streams moved ${how === 'archive' ? 'to the archive' : 'back'}${left}`)
  } finally {
    await journal.close()
  }
}
