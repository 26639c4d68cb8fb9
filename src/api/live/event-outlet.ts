import type { ServerResponse } from 'node:http'
import type { Outlet } from './outlet.ts'

/** A stream of server-sent events, as GraphQL over SSE has them. */
export class EventOutlet implements Outlet {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  backlog(): number {
    return this.#response.writableLength
  }

  write(text: string): void {
    this.#response.write(eventOf(text))
  }

  writeThrough(text: string): Promise<void> {
    return new Promise((resolve) => this.#response.write(eventOf(text), () => resolve()))
  }
}

const eventOf = (text: string): string => `event: next\ndata: ${text}\n\n`
