import type { Format } from '../sqlite/database.ts'

/**
 * `facts` is in the order of positions; `facts_of_stream` found a stream, until layout 3.
 * There is no unique random id per fact: at a million rows that costs three times as much (measured); repeated commands are found
 * in `commands_seen`, which stays small.
 */
const LAYOUT_1 = `
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
  ) STRICT;`

/**
 * What was let go of. `streams` has a row only for a stream with a rule, or without (all of) its facts: its version can no longer be
 * read from them. `reached` is the head at the last removal, so that no position is given out twice. `archived` says where the
 * lines of a stream are in a segment file, and which positions they span.
 */
const LAYOUT_2 = `
  CREATE TABLE streams (
    stream TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'archived', 'tombstoned')),
    newest INTEGER,
    before INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE reached (position INTEGER NOT NULL) STRICT;
  INSERT INTO reached VALUES (0);
  CREATE TABLE segments (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL
  ) STRICT;
  CREATE TABLE archived (
    stream TEXT PRIMARY KEY,
    segment INTEGER NOT NULL REFERENCES segments (number),
    start INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    oldest INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX archived_by_last ON archived (last);
  CREATE INDEX archived_by_span ON archived (last - first);`

/**
 * Where the facts of a stream are, up to the position in `placed`; after it only the facts themselves tell (`SqlitePlaces`). It
 * takes the place of `facts_of_stream`, which had to be written with every fact. Archived facts count as placed. `sum` is the CRC-32 of
 * a fact's text, begun at its position: SQLite would not notice a flipped bit in a text. Facts of layout 2 have none.
 */
const LAYOUT_3 = `
  ALTER TABLE facts ADD COLUMN sum INTEGER;
  CREATE TABLE places (
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (stream, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE placed (position INTEGER NOT NULL) STRICT;
  INSERT INTO places SELECT stream, version, position FROM facts ORDER BY stream, version;
  INSERT INTO placed SELECT max(reached.position, coalesce((SELECT max(position) FROM facts), 0)) FROM reached;
  DROP INDEX facts_of_stream;`

/** The journal's file. */
export const JOURNAL_FORMAT: Format = {
  subsystem: 'journal',
  applicationId: 0x5a4e4a4c, // 'ZNJL'
  version: 3,
  synchronous: 'FULL',
  schema: LAYOUT_1 + LAYOUT_2 + LAYOUT_3,
  upgrades: { 1: LAYOUT_2, 2: LAYOUT_3 },
}
