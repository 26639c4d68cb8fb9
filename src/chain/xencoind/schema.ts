/** Bumped when a table changes its meaning; a store of another version is refused, never guessed at. */
export const STORE_VERSION = 1

/**
 * The node's whole disk state. Block index, blocks, undo data, coins and the mempool are one SQLite file, so a block's
 * effects commit in one transaction and a killed process leaves either all or nothing of it.
 * Hashes are 32 bytes in display order; `work` is 32 bytes, big-endian, so that it sorts.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  previous BLOB NOT NULL,
  height INTEGER NOT NULL,
  work BLOB NOT NULL,
  invalid INTEGER NOT NULL DEFAULT 0,
  size INTEGER NOT NULL,
  transactions INTEGER NOT NULL,
  header BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS blocks_by_work ON blocks (invalid, work DESC, seq);
CREATE INDEX IF NOT EXISTS blocks_by_previous ON blocks (previous);
CREATE TABLE IF NOT EXISTS block_data (seq INTEGER PRIMARY KEY, undo BLOB, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS active (height INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS transactions (txid BLOB PRIMARY KEY, height INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS coins (
  txid BLOB NOT NULL,
  vout INTEGER NOT NULL,
  value INTEGER NOT NULL,
  height INTEGER NOT NULL,
  coinbase INTEGER NOT NULL,
  script BLOB NOT NULL,
  PRIMARY KEY (txid, vout)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mempool (
  txid BLOB PRIMARY KEY,
  seq INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mempool_by_seq ON mempool (seq);
`
