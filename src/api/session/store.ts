import { IN_MEMORY, inTransaction, openDatabase } from '../../sqlite/database.ts'

/** Nonces that are remembered at a time; more than a node that limits its callers can be asked for before they expire. */
export const MAX_NONCES = 100_000

/** What sessions must remember over a restart: which nonces were used, who was sent away, and what was spent. */
export type SessionStore = {
  /** Marks a nonce as used until `expiresAt`, on the disk. False when it was used before, or there is no room. */
  use(nonce: string, expiresAt: number, now: number): boolean
  /** Sessions of `key` that were issued at or before `at` are over. */
  revoke(key: string, at: number): void
  revokedAt(key: string): number
  /**
   * Counts what the payment `id` of `key` costs, on the disk before it answers. The same id again counts only once.
   * @returns undefined when a sum would go above its limit; else takes the count back, for a payment that was not made
   */
  charge(charge: Charge): (() => void) | undefined
  /** Spent by `key` on that day (Unix days), sats. */
  spent(key: string, day: number): bigint
  close(): void
}

export type Charge = {
  readonly key: string
  readonly session: string
  readonly id: string
  readonly sats: bigint
  readonly day: number
  readonly dayLimitSats: bigint
  readonly sessionLimitSats: bigint
}

/** @throws Fault `sessions.foreign-file`, `.newer-file`, `.corrupt`, `.locked`, `.disk-full`, `.failed` */
export const openSessionStore = async (path: string = IN_MEMORY): Promise<SessionStore> => {
  const db = await openDatabase(path, {
    subsystem: 'sessions',
    applicationId: 0x5a4e5353, // 'ZNSS'
    version: 1,
    synchronous: 'FULL',
    schema: `
      CREATE TABLE nonces (nonce TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE INDEX nonces_expires ON nonces (expires);
      CREATE TABLE revoked (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE spent (
        key TEXT NOT NULL,
        id TEXT NOT NULL,
        session TEXT NOT NULL,
        day INTEGER NOT NULL,
        sats INTEGER NOT NULL,
        PRIMARY KEY (key, id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX spent_day ON spent (key, day);
      CREATE INDEX spent_session ON spent (session);`,
  })
  const forget = db.prepare('DELETE FROM nonces WHERE expires < ?')
  const kept = db.prepare('SELECT count(*) AS n FROM nonces')
  const insert = db.prepare('INSERT OR IGNORE INTO nonces VALUES (?, ?)')
  const revoke = db.prepare('INSERT INTO revoked VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)')
  const one = db.prepare('SELECT session, day, sats FROM spent WHERE key = ? AND id = ?')
  const onDay = db.prepare('SELECT coalesce(sum(sats), 0) AS sats FROM spent WHERE key = ? AND day = ?')
  const inSession = db.prepare('SELECT coalesce(sum(sats), 0) AS sats FROM spent WHERE session = ?')
  const put = db.prepare('INSERT OR REPLACE INTO spent VALUES (?, ?, ?, ?, ?)')
  const drop = db.prepare('DELETE FROM spent WHERE key = ? AND id = ?')
  for (const statement of [one, onDay, inSession]) statement.setReadBigInts(true)
  const sum = (row: Record<string, unknown> | undefined): bigint => BigInt((row?.['sats'] as bigint | undefined) ?? 0n)
  // Asked for every request and every event of a session: kept in memory as well.
  const revoked = new Map(
    db
      .prepare('SELECT key, at FROM revoked')
      .all()
      .map((row) => [String(row['key']), Number(row['at'])]),
  )
  return {
    use: (nonce, expiresAt, now) =>
      inTransaction(db, () => {
        forget.run(now)
        if (Number(kept.get()?.['n']) >= MAX_NONCES) return false
        return insert.run(nonce, expiresAt).changes === 1
      }),
    revoke: (key, at) => {
      revoke.run(key, at)
      revoked.set(key, Math.max(at, revoked.get(key) ?? 0))
    },
    revokedAt: (key) => revoked.get(key) ?? -1,
    charge: ({ key, session, id, sats, day, dayLimitSats, sessionLimitSats }) =>
      inTransaction(db, () => {
        const before = one.get(key, id)
        if (before !== undefined && sum(before) >= sats) return () => undefined
        // What was counted for it before moves to this session and this day.
        const besides = (total: bigint, isCounted: boolean): bigint => (isCounted ? total - sum(before) : total)
        const today = besides(sum(onDay.get(key, day)), Number(before?.['day']) === day)
        const here = besides(sum(inSession.get(session)), before?.['session'] === session)
        if (today + sats > dayLimitSats || here + sats > sessionLimitSats) return undefined
        put.run(key, id, session, day, sats)
        return () => {
          if (before === undefined) drop.run(key, id)
          else put.run(key, id, String(before['session']), Number(before['day']), sum(before))
        }
      }),
    spent: (key, day) => sum(onDay.get(key, day)),
    close: () => db.close(),
  }
}
