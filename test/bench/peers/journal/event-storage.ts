import { once } from 'node:events'
import type { EventEmitter } from 'node:stream'
import { decode, encode } from '../../../../domain/codec.ts'
import type { Fact } from '../../../../domain/fact.ts'
import type { ComparedLog } from '../../compared-log.ts'
import { peer } from './installed.ts'

/** What is used of node-event-storage 0.8. */
type EventStore = EventEmitter & {
  commit(stream: string, events: readonly Fact[], expectedVersion: number, done: () => void): void
  getAllEvents(): Iterable<Fact>
  close(): void
}
type EventStoreClass = new (
  name: string,
  options: {
    readonly storageDirectory: string
    readonly storageConfig: {
      readonly syncOnFlush: boolean
      readonly serializer: { serialize(document: unknown): string; deserialize(text: string): unknown }
    }
  },
) => EventStore

/** With our codec as its serializer, so that what comes out are the same facts. `durable`: it syncs what it flushes. */
export const openEventStorage = async (folder: string, durable: boolean): Promise<ComparedLog> => {
  const { default: EventStore } = (await peer('event-storage')) as { default: EventStoreClass }
  const serializer = { serialize: encode, deserialize: decode }
  const store = new EventStore('bench', {
    storageDirectory: folder,
    storageConfig: { syncOnFlush: durable, serializer },
  })
  await once(store, 'ready')
  return {
    append: (stream, expected, facts) =>
      new Promise<void>((resolve) => store.commit(stream, facts, expected, () => resolve())),
    async readAll(_facts, take) {
      for (const fact of store.getAllEvents()) take(fact)
    },
    close: async () => store.close(),
  }
}
