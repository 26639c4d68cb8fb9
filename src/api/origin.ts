/**
 * Whether a request may come from where it says it does. Programs send no Origin and pass; a browser always sends one with a POST
 * or a WebSocket, and a page of another site must not act with what a person is logged in to (CSRF, WebSocket hijacking).
 */
export const isOwnOrigin = (origin: string | undefined, own: ReadonlySet<string>): boolean =>
  origin === undefined || own.has(origin)

/** The origins of a server's own pages. */
export const originsOf = (host: string, port: number): ReadonlySet<string> =>
  new Set(
    [host.includes(':') ? `[${host}]` : host, '127.0.0.1', 'localhost', '[::1]'].map(
      (name) => `http://${name}:${port}`,
    ),
  )
