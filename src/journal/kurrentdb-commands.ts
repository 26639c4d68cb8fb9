import { causesOf, positionOf } from './kurrentdb-event.ts'
import { type KurrentdbReader, PAGE_EVENTS } from './kurrentdb-read.ts'
import { COMMANDS_REMEMBERED, type Position } from './port.ts'

/**
 * Which commands were done, and where they ended. The server knows event ids only where they would be written again, so a
 * command that is repeated with another version is recognised here: the log's end is read when it is opened, and the
 * subscription tells what others write.
 */
export class KurrentdbCommands {
  readonly #positions = new Map<string, Position>()
  readonly #reader: KurrentdbReader
  readonly #head: Position
  #loading: Promise<void> | undefined

  constructor(reader: KurrentdbReader, head: Position) {
    this.#reader = reader
    this.#head = head
  }

  /** Where this command ended when it was done before. @throws Fault of the reader; the next call tries again */
  async find(commandId: string): Promise<Position | undefined> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = undefined
      throw error
    })
    await this.#loading
    return this.#positions.get(commandId)
  }

  remember(commandId: string | undefined, position: Position): void {
    if (commandId === undefined) return
    const known = this.#positions.get(commandId) ?? 0
    this.#positions.delete(commandId)
    this.#positions.set(commandId, Math.max(known, position))
    const [oldest] = this.#positions.keys()
    if (this.#positions.size > COMMANDS_REMEMBERED && oldest !== undefined) this.#positions.delete(oldest)
  }

  async #load(): Promise<void> {
    const found = new Map<string, Position>()
    let from: Position | undefined = this.#head === 0 ? 0 : undefined
    while (from !== 0 && found.size < COMMANDS_REMEMBERED) {
      const { events, isEnd, last } = await this.#reader.page({ direction: 'backwards', from }, undefined, PAGE_EVENTS)
      for (const event of events) {
        const { commandId } = causesOf(event)
        if (commandId !== undefined && !found.has(commandId)) found.set(commandId, positionOf(event))
      }
      from = isEnd ? 0 : (last ?? 0)
    }
    const newer = [...this.#positions]
    this.#positions.clear()
    for (const [commandId, position] of [...found].reverse()) this.remember(commandId, position)
    for (const [commandId, position] of newer) this.remember(commandId, position)
  }
}
