import type { Format } from '../sqlite/database.ts'

/**
 * The journal's file, layout 1. `facts` is in the order of positions; `(stream, version)` finds a stream and makes two first
 * facts of one version impossible. There is no unique random id per fact: at a million rows that costs three times as much
 * (measured); repeated commands are found in `commands_seen`, which stays small.
 */
export const JOURNAL_FORMAT: Format = {
  subsystem: 'journal',
  applicationId: 0x5a4e4a4c, // 'ZNJL'
  version: 1,
  synchronous: 'FULL',
  schema: `
    CREATE TABLE facts (
      position INTEGER PRIMARY KEY,
      stream TEXT NOT NULL,
      version INTEGER NOT NULL,
      type TEXT NOT NULL,
      fact TEXT NOT NULL,
      command TEXT NOT NULL,
      correlation TEXT
    ) STRICT;
    CREATE UNIQUE INDEX facts_of_stream ON facts (stream, version);
    CREATE TABLE commands_seen (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      position INTEGER NOT NULL
    ) STRICT;`,
}
