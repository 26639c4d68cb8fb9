import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a request may come from where it says it does. Programs send no Origin and pass; a browser always sends one with a POST
 * or a WebSocket, and a page of another site must not act with what a person is logged in to (CSRF, WebSocket hijacking).
 */
export const isOwnOrigin = (origin: string | undefined, own: ReadonlySet<string>): boolean =>
  origin === undefined || own.has(origin)

/** Whether a browser says that a page of another site asks (`Sec-Fetch-Site`, W3C Fetch Metadata): also where it sends no Origin. */
export const isForeignSite = (site: string | string[] | undefined): boolean =>
  site === 'cross-site' || site === 'same-site'

/** The origins of a server's own pages. */
export const originsOf = (host: string, port: number): ReadonlySet<string> =>
  new Set(
    [host.includes(':') ? `[${host}]` : host, '127.0.0.1', 'localhost', '[::1]'].map(
      (name) => `http://${name}:${port}`,
    ),
  )

/**
 * Whether a request names a server that this one is. A page whose own name is made to lead to loopback (DNS rebinding) would read
 * from it as from its own site; it cannot choose the Host header. Beyond loopback any name may lead here.
 */
export const isOwnHost = (bind: string, host: string | undefined, own: ReadonlySet<string>): boolean =>
  !isLoopback(bind) || (host !== undefined && own.has(`http://${host}`))

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** Whether no page of another site asks. */
export const isOwnSite = (headers: IncomingHttpHeaders, own: ReadonlySet<string>): boolean =>
  isOwnOrigin(headers.origin, own) && !isForeignSite(headers['sec-fetch-site'])
