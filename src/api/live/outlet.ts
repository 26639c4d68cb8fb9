/** Who a subscriber's results go to: a WebSocket or a stream of server-sent events. `text`: a GraphQL result as JSON. */
export interface Outlet {
  /** Bytes that were written and not taken yet. */
  backlog(): number
  write(text: string): void
  /** Resolves when it was taken. When the reader leaves first, it may never. */
  writeThrough(text: string): Promise<void>
}
