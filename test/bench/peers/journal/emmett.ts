import { decode, encode } from '../../../../domain/codec.ts'
import type { Fact } from '../../../../domain/fact.ts'
import type { ComparedLog } from '../../compared-log.ts'
import { peer } from './installed.ts'

type Event = { readonly type: string; readonly data: unknown }
type Consumer = {
  processor(options: {
    readonly processorId: string
    readonly stopAfter: (event: Event) => boolean
    readonly eachMessage: (event: Event) => void
  }): unknown
  start(): Promise<void>
  close(): Promise<void>
}
/** What is used of emmett 0.42. */
type EventStore = {
  appendToStream(
    stream: string,
    events: readonly Event[],
    options: { readonly expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' },
  ): Promise<unknown>
  consumer(options: {
    readonly pulling: { readonly batchSize: number; readonly pullingFrequencyInMs: number }
  }): Consumer
  close?(): Promise<void>
}
type Connection = { close(): void }
type EmmettSqlite = {
  sqliteConnection(options: { readonly fileName: string }): Connection
  getSQLiteEventStore(options: {
    readonly fileName: string
    readonly connectionOptions: { readonly singleton: true; readonly connection: Connection }
  }): EventStore
}
type EmmettPostgresql = { getPostgreSQLEventStore(url: string): EventStore }

/** It has JSON only: a bigint goes in as our codec writes it, and comes out as a bigint again. */
const eventOf = (fact: Fact): Event => ({ type: fact.type, data: JSON.parse(encode(fact)) })
const factOf = ({ data }: Event): Fact => decode(JSON.stringify(data)) as Fact

const appender =
  (store: EventStore): ComparedLog['append'] =>
  (stream, expected, facts) =>
    store.appendToStream(stream, facts.map(eventOf), {
      expectedStreamVersion: expected === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(expected),
    })

/**
 * One connection for all writers: with one for each call, as it comes, 63 of 64 writers fail. It answers before the transaction is
 * committed, so its figures are not of durable facts.
 */
export const openEmmettSqlite = async (path: string): Promise<ComparedLog> => {
  const { sqliteConnection, getSQLiteEventStore } = (await peer('@event-driven-io/emmett-sqlite')) as EmmettSqlite
  const connection = sqliteConnection({ fileName: path })
  const store = getSQLiteEventStore({ fileName: path, connectionOptions: { singleton: true, connection } })
  return {
    append: appender(store),
    async readAll(facts, take) {
      const consumer = store.consumer({ pulling: { batchSize: 10_000, pullingFrequencyInMs: 0 } })
      let left = facts
      consumer.processor({
        processorId: `all-${facts}-${performance.now()}`,
        stopAfter: () => left === 0,
        eachMessage: (event) => {
          left -= 1
          take(factOf(event))
        },
      })
      await consumer.start()
    },
    close: async () => connection.close(),
  }
}

export const openEmmettPostgresql = async (url: string): Promise<ComparedLog> => {
  const { getPostgreSQLEventStore } = (await peer('@event-driven-io/emmett-postgresql')) as EmmettPostgresql
  const store = getPostgreSQLEventStore(url)
  return { append: appender(store), close: async () => store.close?.() }
}
