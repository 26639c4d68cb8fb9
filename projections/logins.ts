import type { ForgettingFact } from '../domain/forgetting/facts.ts'
import { text } from '../domain/forgetting/personal.ts'
import type { ChannelCounts, LoginEnd, LoginFact } from '../domain/login/facts.ts'
import { whenForgotten } from './forgotten.ts'
import type { RowsOf, Table } from './table.ts'

/** `counted`: no login, but how many were refused, or too many to be written down one by one. */
export type LoginState = 'open' | 'closed' | 'counted'

/** One login to the machine of a lease that this node provides. */
export type LoginRow = {
  /** Lease id and number: `<lease>.1`, `<lease>.2` … */
  readonly id: string
  readonly lease: string
  readonly login: string
  readonly state: LoginState
  readonly key: string
  readonly from: string
  readonly at: number
  readonly closedAt?: number
  readonly why?: LoginEnd
  readonly channels: ChannelCounts
  readonly rxBytes: bigint
  readonly txBytes: bigint
  readonly refused: number
  readonly unrecorded: number
  readonly forgotten: boolean
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  readonly position: number
}

const PREFIX = 'logins-'
const PERSONAL_OF_ROW = [text('key'), text('from')]
const NO_CHANNELS: ChannelCounts = { shell: 0, exec: 0, sftp: 0, forward: 0, listener: 0 }
const NONE = {
  key: '',
  from: '',
  login: '',
  channels: NO_CHANNELS,
  rxBytes: 0n,
  txBytes: 0n,
  refused: 0,
  unrecorded: 0,
}
/** So many can be open at once, and some more. */
const LOOK_BACK = 1_000

const idOf = (lease: string, number: number) => `${lease}.${number}`

/** How many rows a lease has: they are numbered without gaps. */
const countOf = (lease: string, rows: RowsOf<LoginRow>): number => {
  let [there, gone] = [0, 1]
  while (rows.get(idOf(lease, gone)) !== undefined) [there, gone] = [gone, 2 * gone]
  while (gone - there > 1) {
    const middle = Math.floor((there + gone) / 2)
    if (rows.get(idOf(lease, middle)) === undefined) gone = middle
    else there = middle
  }
  return there
}

export const logins = {
  name: 'logins',
  version: 1,
  types: ['login.opened', 'login.closed', 'login.counted', 'subject.forgotten'],
  columns: {
    began: (row) => row.began,
    at: (row) => row.at,
    lease: (row) => row.lease,
    state: (row) => row.state,
  },
  fold({ stream, position, fact }, rows) {
    const subject = fact.type === 'subject.forgotten' ? fact.subject : stream
    if (!subject.startsWith(PREFIX)) return
    const lease = subject.slice(PREFIX.length)
    const count = countOf(lease, rows)
    if (fact.type === 'subject.forgotten') {
      for (let number = 1; number <= count; number += 1) {
        const row = rows.get(idOf(lease, number))!
        rows.put(row.id, whenForgotten({ ...row, forgotten: true, position }, PERSONAL_OF_ROW))
      }
    } else if (fact.type === 'login.closed') {
      const { login, why, channels, rxBytes, txBytes, at } = fact
      for (let number = count; number > Math.max(0, count - LOOK_BACK); number -= 1) {
        const row = rows.get(idOf(lease, number))!
        if (row.login !== login) continue
        rows.put(row.id, { ...row, state: 'closed', why, channels, rxBytes, txBytes, closedAt: at, position })
        break
      }
    } else {
      const { type, ...told } = fact
      const forgotten = count > 0 && rows.get(idOf(lease, count))!.forgotten
      const state = type === 'login.opened' ? 'open' : 'counted'
      const id = idOf(lease, count + 1)
      const row: LoginRow = { ...NONE, ...told, id, lease, state, forgotten, began: position, position }
      rows.put(id, whenForgotten(row, PERSONAL_OF_ROW))
    }
  },
} satisfies Table<LoginRow, LoginFact | ForgettingFact>
