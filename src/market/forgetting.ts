import { setImmediate as breathe } from 'node:timers/promises'
import { MAX_TOP_UPS } from '../../domain/channel/legs.ts'
import { type ForgettingFact, forgottenStream } from '../../domain/forgetting/facts.ts'
import { announcementStream, leaseStream } from '../../domain/ids.ts'
import { loginStream } from '../../domain/login/facts.ts'
import { type AnnouncementRow, announcements } from '../../projections/announcements.ts'
import { channels } from '../../projections/channels.ts'
import { type LeaseRow, leases } from '../../projections/leases.ts'
import type { ForgetSubject, ForgetTarget, Forgetting, Problem } from '../api/port.ts'
import type { Clock } from '../clock/port.ts'
import type { SubjectKeys } from '../forgetting/port.ts'
import { Conflict, type Journal, type Position } from '../journal/port.ts'
import { MAX_PAGE_ROWS, type Projector, type Queried, type Where } from '../projector/port.ts'

export type ForgettingParts = {
  readonly journal: Journal
  readonly keys: SubjectKeys
  readonly projector: Projector
  readonly clock: Clock
  /** Resolves when this node has obeyed the fact at `position`. */
  readonly reached: (position: Position) => Promise<void>
}

/** How long rows may be behind the log before anything is judged by them, ms. */
const ROWS_LIMIT_MS = 10_000
/** How long `forget` waits until rows and folded states are cleared; the key is gone before. */
const REACHED_LIMIT_MS = 10_000

type Obstacle = NonNullable<ForgetSubject['obstacle']>
/** `streams`: what is known of it, each under a key of its own. */
type Found = {
  readonly streams: readonly string[]
  readonly view: Omit<ForgetSubject, 'sealed' | 'plain' | 'forgotten'>
}

/** Forgets leases, announcements, and everybody who stood on the other side of them. */
export const openForgetting = (parts: ForgettingParts): Forgetting => {
  const { journal, keys, projector, clock } = parts

  const ofLease = (row: LeaseRow): Found => {
    const its = projector.query(channels, { where: { leaseId: row.id }, orderBy: 'began', limit: MAX_TOP_UPS + 1 })
    const open = its
      .map((found) => found.row.state)
      .find((state) => !['proposed', 'closed', 'refunded'].includes(state))
    const obstacle = leaseObstacle(row, open)
    const streams = [leaseStream(row.id), loginStream(row.id)]
    return { streams, view: { kind: 'lease', id: row.id, ...(obstacle ? { obstacle } : {}) } }
  }

  const find = async ({ kind, id }: ForgetTarget): Promise<readonly Found[]> => {
    await projector.waitFor(await journal.head(), ROWS_LIMIT_MS)
    switch (kind) {
      case 'lease': {
        const row = projector.byId(leases, id)
        return row ? [ofLease(row)] : []
      }
      case 'announcement': {
        const row = projector.byId(announcements, id)
        return row ? [ofAnnouncement(row)] : []
      }
      case 'peer': {
        const asProvider = await all(projector, leases, { side: 'publisher', provider: id })
        const asPublisher = await all(projector, leases, { side: 'provider', publisher: id })
        const announced = await all(projector, announcements, { author: id, own: 0 })
        return [...[...asProvider, ...asPublisher].map(ofLease), ...announced.map(ofAnnouncement)]
      }
    }
  }

  const examined = async ({ streams, view }: Found): Promise<ForgetSubject> => {
    const said = (await Promise.all(streams.map((stream) => journal.read(stream))))
      .flat()
      .map(({ personal }) => personal)
    const count = (...of: readonly string[]) => said.filter((one) => one !== undefined && of.includes(one)).length
    return {
      ...view,
      sealed: count('open'),
      plain: count('plain'),
      forgotten: streams.every((stream) => keys.isForgotten(stream)),
    }
  }

  const examine = async (target: ForgetTarget): Promise<readonly ForgetSubject[] | Problem> => {
    const found = await find(target)
    if (found.length === 0) return notFound(target)
    const subjects: ForgetSubject[] = []
    for (const one of found) subjects.push(await examined(one))
    return subjects
  }

  /** The fact first: whoever finds it after a crash deletes the key. @returns its position, also when it stood there already */
  const write = async (subject: string): Promise<Position> => {
    const stream = forgottenStream(subject)
    const fact: ForgettingFact = { type: 'subject.forgotten', at: clock.now(), subject }
    try {
      return await journal.transact([{ stream, expected: 0, facts: [fact] }])
    } catch (error) {
      const [before] = error instanceof Conflict ? await journal.read(stream, 0, 1) : []
      if (!before) throw error
      return before.position
    }
  }

  return {
    examine,
    async forget(target) {
      const found = await find(target)
      if (found.length === 0) return notFound(target)
      const held = found.find(({ view }) => view.obstacle)?.view
      if (held?.obstacle) {
        const { code, why, next } = held.obstacle
        return problem(code, `${held.kind} ${held.id}: ${why}; nothing was forgotten`, next)
      }
      const subjects: ForgetSubject[] = []
      let position = 0
      for (const one of found) {
        subjects.push(await examined(one))
        for (const stream of one.streams) {
          position = Math.max(position, await write(stream))
          keys.forget(stream, clock.now())
        }
      }
      const waited = new AbortController()
      const late = clock.sleep(REACHED_LIMIT_MS, waited.signal).catch(() => {})
      await Promise.race([parts.reached(position), late])
      waited.abort()
      return { subjects: subjects.map((one) => ({ ...one, forgotten: true })), position }
    },
  }
}

const ofAnnouncement = ({ id, status }: AnnouncementRow): Found => {
  const stands = status === 'posted' || status === 'standing'
  const obstacle: Obstacle = {
    code: 'announcement-standing',
    why: 'it still stands',
    next: 'Withdraw it, or wait until it has expired.',
  }
  return { streams: [announcementStream(id)], view: { kind: 'announcement', id, ...(stands ? { obstacle } : {}) } }
}

/** While any of this goes on, what is personal is needed: to let somebody in, to find the other side, to prove what was agreed. */
const leaseObstacle = (row: LeaseRow, channel: string | undefined): Obstacle | undefined => {
  if (row.active)
    return { code: 'lease-active', why: `it is in ${row.stage}`, next: 'Stop it, and wait until it is settled.' }
  if (channel !== undefined)
    return {
      code: 'channel-open',
      why: `its channel is ${channel}`,
      next: 'Wait until its close or refund is in a block.',
    }
  if (row.side === 'provider' && row.shell && row.funding && !row.released)
    return {
      code: 'machine-stands',
      why: 'its machine is not removed yet',
      next: 'Wait for the end of the data grace.',
    }
  return undefined
}

/** Every row, a page at a time, with pauses for others. */
const all = async <Row, Column extends string>(
  projector: Projector,
  table: Queried<Row, Column>,
  where: Where<NoInfer<Column>>,
): Promise<Row[]> => {
  const found: Row[] = []
  for (let after: string | undefined; ; ) {
    const page = projector.query(table, {
      where,
      orderBy: 'id',
      limit: MAX_PAGE_ROWS,
      ...(after === undefined ? {} : { after: [after, after] as const }),
    })
    found.push(...page.map(({ row }) => row))
    after = page.at(-1)?.id
    if (page.length < MAX_PAGE_ROWS) return found
    await breathe()
  }
}

const notFound = ({ kind, id }: ForgetTarget): Problem =>
  problem('not-found', `nothing is known of the ${kind} ${id}`, 'See `zennet lease ls` and `zennet market ls --all`.')

const problem = (code: string, message: string, next: string): Problem => ({
  problem: true,
  code,
  message,
  culprit: 'you',
  next,
})
