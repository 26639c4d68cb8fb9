import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Everything on the page comes from this server, in files: no CDN, no inline script, no `eval`, no frame of another site. Styles may be
 * inline: the editor (Monaco) writes style elements and attributes while it runs, with contents that nobody knows beforehand, so
 * neither hashes nor a nonce would do. A style that came in could hide things, but not run.
 */
export const PAGE_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** With every answer. No `Access-Control-*`: pages of other sites read nothing here. */
export const SAFE_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** A request id of the asker's: it goes into headers and the log, so nothing else can be in it. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/

/** The asker's `x-request-id` when it is one, else a new one. */
export const requestIdOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string => {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}
