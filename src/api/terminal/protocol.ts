import { handleProtocols as graphqlProtocols } from 'graphql-ws'
import { z } from 'zod'
import type { TerminalEnd } from '../../shell/port.ts'
import type { Problem } from '../port.ts'

export const TERMINAL_PATH = '/terminal'
export const TERMINAL_PROTOCOL = 'zennet-terminal'

const columns = z.int().min(1).max(1_000)
const rows = z.int().min(1).max(1_000)

/** A client's first message. Who asks: `authorization` (`Bearer …`) or the bare `token`. */
export const Open = z.strictObject({
  type: z.literal('open'),
  authorization: z.string().max(4_096).optional(),
  token: z.string().max(4_096).optional(),
  leaseId: z.string().regex(/^[0-9a-f]{32}$/),
  columns: columns.default(80),
  rows: rows.default(24),
  term: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9+._-]{0,31}$/)
    .default('xterm-256color'),
})

/** Its later text messages. What it types are binary ones. */
export const Resize = z.strictObject({ type: z.literal('resize'), columns, rows })

/** What the server says in text; what the shell prints are binary messages. `problem` and `exit` are its last words. */
export type Said =
  | { readonly type: 'opened' }
  | ({ readonly type: 'exit' } & TerminalEnd)
  | ({ readonly type: 'problem' } & Omit<Problem, 'problem'>)

/** Close codes, as graphql-transport-ws has them where it has them. */
export const CLOSED = {
  done: 1000,
  badMessage: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  noProtocol: 4406,
  initTimeout: 4408,
  internal: 4500,
  /** A problem was said before. */
  problem: 4000,
} as const

/** The subprotocol of an upgrade: each path has its own. */
export const chooseProtocol = (
  offered: Set<string>,
  { url }: { readonly url?: string | undefined },
): string | false => {
  if (url?.split('?', 1)[0] !== TERMINAL_PATH) return graphqlProtocols(offered)
  return offered.has(TERMINAL_PROTOCOL) ? TERMINAL_PROTOCOL : false
}
