import { randomUUID } from 'node:crypto'
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js'
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js'
import type { Answering } from './double.ts'
import type { EventStore, StoredEvent } from './event-store.ts'
import { grpc, identifier, nameOf, type ServerStream, type StreamingCall, uuid } from './wire.ts'

type Options = InstanceType<typeof streams.ReadReq.Options>
const BACKWARDS = 1
/** .NET's ticks at the beginning of Unix time are not what the client counts from: it wants 100 ns since 1970. */
const CREATED = String(1_700_000_000_000n * 10_000n)

export const read =
  ({ store }: Answering): ServerStream<streams.ReadReq, streams.ReadResp> =>
  async (call) => {
    const options = call.request.getOptions()!
    if (options.hasSubscription()) return subscribe(store, options, call)
    const isBack = Number(options.getReadDirection()) === BACKWARDS
    const count = Number(options.getCount())
    if (options.hasAll() && !isRecord(store, options)) {
      call.emit('error', noRecord())
      return
    }
    const found = options.hasStream() ? ofStream(store, options, isBack) : ofAll(store, options, isBack)
    if (!found) {
      const stream = options.getStream()?.getStreamIdentifier()
      const missing = new streams.ReadResp.StreamNotFound()
      if (stream) missing.setStreamIdentifier(stream)
      call.write(new streams.ReadResp().setStreamNotFound(missing))
    }
    for (const event of (found ?? []).slice(0, count)) await send(call, responseOf(event))
    call.end()
  }

const ofStream = (store: EventStore, options: Options, isBack: boolean): readonly StoredEvent[] | undefined => {
  const wanted = options.getStream()!
  const all = store.stream(nameOf(wanted.getStreamIdentifier()))
  if (all.length === 0) return undefined
  const revision = Number(wanted.getRevision())
  if (isBack) return (wanted.hasEnd() ? all : all.filter((event) => event.revision <= revision)).toReversed()
  return wanted.hasStart() ? all : all.filter((event) => event.revision >= revision)
}

const ofAll = (store: EventStore, options: Options, isBack: boolean): readonly StoredEvent[] => {
  const passing = store.log.filter(filterOf(options))
  const from = Number(options.getAll()!.getPosition()?.getCommitPosition() ?? 0)
  if (isBack) {
    return (options.getAll()!.hasEnd() ? passing : passing.filter(({ position }) => position < from)).toReversed()
  }
  return passing.filter(({ position }) => position >= from)
}

/** A real log is bytes: a read that does not begin where a record begins finds nothing that it could read. */
const isRecord = (store: EventStore, options: Options): boolean => {
  const position = options.getAll()!.getPosition()
  return position === undefined || store.log.some((event) => event.position === Number(position.getCommitPosition()))
}
const noRecord = () => Object.assign(new Error('no record begins at this position'), { code: grpc.status.UNKNOWN })

const filterOf = (options: Options): ((event: StoredEvent) => boolean) => {
  const filter = options.getFilter()
  if (!filter) return () => true
  const expression = filter.getStreamIdentifier() ?? filter.getEventType()!
  const regex = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex())
  const prefixes = expression.getPrefixList()
  return (event) => {
    const text = filter.hasStreamIdentifier() ? event.stream : event.type
    return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix))
  }
}

/** Confirmation, what there is, caught-up, and then what comes. */
const subscribe = async (store: EventStore, options: Options, call: StreamingCall<streams.ReadResp>): Promise<void> => {
  const passes = filterOf(options)
  const all = options.getAll()!
  let at = all.hasEnd() ? store.log.length : 0
  const from = Number(all.getPosition()?.getCommitPosition() ?? 0)
  let wake = (): void => {}
  const unwatch = store.watch(() => wake())
  let isOver = false
  call.once('cancelled', () => {
    isOver = true
    wake()
  })
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID())
  call.write(new streams.ReadResp().setConfirmation(confirmation))
  for (let isLive = false; !isOver && !call.cancelled; ) {
    const event = store.log[at]
    if (event) {
      at += 1
      if (event.position > from && passes(event)) await send(call, responseOf(event))
    } else if (!isLive) {
      isLive = true
      call.write(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()))
    } else {
      const next = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (store.log.length === at && !isOver) await next
    }
  }
  unwatch()
}

/** Waits while the other side does not read. */
const send = async (call: StreamingCall<streams.ReadResp>, response: streams.ReadResp): Promise<void> => {
  if (call.write(response) || call.cancelled) return
  await new Promise<void>((resolve) => {
    const go = (): void => {
      call.removeListener('drain', go)
      call.removeListener('cancelled', go)
      resolve()
    }
    call.once('drain', go)
    call.once('cancelled', go)
  })
}

const responseOf = (event: StoredEvent): streams.ReadResp => {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuid(event.id))
    .setStreamIdentifier(identifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setCustomMetadata(event.metadata)
    .setData(event.data)
  recorded.getMetadataMap().set('type', event.type)
  recorded.getMetadataMap().set('content-type', event.contentType)
  recorded.getMetadataMap().set('created', CREATED)
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(event.position))
  return new streams.ReadResp().setEvent(read)
}

export const tombstone =
  ({ store }: Answering) =>
  (
    call: { readonly request: streams.TombstoneReq },
    answer: (error: null, response: streams.TombstoneResp) => void,
  ): void => {
    store.remove(nameOf(call.request.getOptions()?.getStreamIdentifier()))
    answer(null, new streams.TombstoneResp().setNoPosition(new shared.Empty()))
  }
