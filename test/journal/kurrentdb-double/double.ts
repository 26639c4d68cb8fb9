import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import features from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js'
import featuresMessages from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js'
import v1 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js'
import v2 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js'
import { append, batchAppend } from './append-v1.ts'
import { appendRecords, appendSession } from './append-v2.ts'
import { EventStore } from './event-store.ts'
import { read, tombstone } from './read.ts'
import { grpc } from './wire.ts'

/** What the handlers need: the log, and whether an answer may still be sent once something was written. */
export type Answering = { readonly store: EventStore; readonly settle: () => boolean }

export type Double = {
  readonly url: string
  readonly port: number
  readonly store: EventStore
  /** The next append is written and its answer never sent: the server dies with it. */
  dieAfterNextWrite(): void
  /** Cuts every connection at once. */
  kill(): void
}
export type DoubleOptions = {
  readonly version?: '23.10' | '25.1' | '26.1'
  /** Of a double that was killed: starts again where it was. */
  readonly store?: EventStore
  readonly port?: number
}

const V1 = 'event_store.client.streams.Streams'
const V2 = 'kurrentdb.protocol.v2.streams.StreamsService'

// grpc-js leaves Nagle's algorithm on: each answer of two small packets would wait 40 ms for the other side's delayed ACK.
subscribe('net.server.socket', (message) => (message as { readonly socket: Socket }).socket.setNoDelay(true))

/** A server that speaks KurrentDB's protocol over a list in memory: enough of it for the official client, and nothing of a database. */
export const startDouble = async ({
  version = '26.1',
  store = new EventStore(),
  port = 0,
}: DoubleOptions = {}): Promise<Double> => {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 })
  let doomed = false
  const kill = (): void => server.forceShutdown()
  const settle = (): boolean => {
    if (doomed) kill()
    return !doomed
  }
  const answering: Answering = { store, settle }
  const methods = [
    [V1, 'Read'],
    [V1, 'Append'],
    [V1, 'BatchAppend'],
    [V1, 'Tombstone'],
    ...(version === '23.10' ? [] : [[V2, 'AppendSession']]),
    ...(version === '26.1' ? [[V2, 'AppendRecords']] : []),
  ]
  server.addService(v1.StreamsService, {
    read: read(answering),
    append: untilCut(append(answering)),
    batchAppend: untilCut(batchAppend(answering)),
    tombstone: tombstone(answering),
  })
  server.addService(v2.StreamsServiceService, {
    ...(version === '23.10' ? {} : { appendSession: untilCut(appendSession(answering)) }),
    ...(version === '26.1' ? { appendRecords: appendRecords(answering) } : {}),
  })
  server.addService(features.ServerFeaturesService, {
    getSupportedMethods: (_: unknown, answer: (error: null, response: unknown) => void) => {
      const list = methods.map(([service, method]) =>
        new featuresMessages.SupportedMethod().setServiceName(service!).setMethodName(method!),
      )
      const all = new featuresMessages.SupportedMethods().setMethodsList(list)
      answer(null, all.setEventStoreServerVersion(`${version}.0.0`))
    },
  })
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, actual) =>
      error ? reject(error) : resolve(actual),
    ),
  )
  return {
    url: `kurrentdb://127.0.0.1:${bound}?tls=false`,
    port: bound,
    store,
    dieAfterNextWrite() {
      doomed = true
    },
    kill,
  }
}

/** A call that is cut while it is read is over, and no failure of the double. */
const untilCut =
  <Args extends readonly unknown[]>(handler: (...args: Args) => unknown) =>
  async (...args: Args): Promise<void> => {
    try {
      await handler(...args)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error
    }
  }
