import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js'
import status from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js'
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js'
import type { Answering } from './double.ts'
import { ANY, type Committed, type NewEvent, NO_STREAM, STREAM_EXISTS, type Violation } from './event-store.ts'
import {
  anyOf,
  type BothStream,
  type ClientStream,
  grpc,
  identifier,
  nameOf,
  uuidText,
  type WireError,
} from './wire.ts'

type Proposed = InstanceType<typeof streams.AppendReq.ProposedMessage | typeof streams.BatchAppendReq.ProposedMessage>

const eventOf = (stream: string, message: Proposed): NewEvent => ({
  stream,
  id: uuidText(message.getId()),
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
})

/** One append is one call. */
export const append =
  ({ store, settle }: Answering): ClientStream<streams.AppendReq, streams.AppendResp> =>
  async (call, answer) => {
    let stream = ''
    let expected = ANY
    const events: NewEvent[] = []
    for await (const request of call) {
      const options = request.getOptions()
      const message = request.getProposedMessage()
      if (options) {
        stream = nameOf(options.getStreamIdentifier())
        if (options.hasRevision()) expected = Number(options.getRevision())
        else expected = options.hasNoStream() ? NO_STREAM : options.hasStreamExists() ? STREAM_EXISTS : ANY
      }
      if (message) events.push(eventOf(stream, message))
    }
    if (store.isGone(stream)) return answer(deleted(stream))
    const result = store.commit(new Map([[stream, expected]]), events)
    if (!settle()) return undefined
    const response = new streams.AppendResp()
    if (isCommitted(result)) {
      const position = new streams.AppendResp.Position()
        .setCommitPosition(String(result.position))
        .setPreparePosition(String(result.position))
      response.setSuccess(
        new streams.AppendResp.Success().setCurrentRevision(String(result.revisions.get(stream))).setPosition(position),
      )
    } else {
      const wrong = new streams.AppendResp.WrongExpectedVersion()
      const actual = result[0]?.actual ?? NO_STREAM
      if (actual < 0) wrong.setCurrentNoStream(new shared.Empty())
      else wrong.setCurrentRevision(String(actual))
      if (expected >= 0) wrong.setExpectedRevision(String(expected))
      else wrong.setExpectedNoStream(new shared.Empty())
      response.setWrongExpectedVersion(wrong)
    }
    return answer(null, response)
  }

/** Many appends share one call: each has its own correlation id, and its answer too. */
export const batchAppend =
  ({ store, settle }: Answering): BothStream<streams.BatchAppendReq, streams.BatchAppendResp> =>
  async (call) => {
    const open = new Map<string, { stream: string; expected: number; events: NewEvent[] }>()
    for await (const request of call) {
      const correlation = uuidText(request.getCorrelationId())
      const options = request.getOptions()
      if (options) {
        const expected = options.hasStreamPosition()
          ? Number(options.getStreamPosition())
          : options.hasNoStream()
            ? NO_STREAM
            : options.hasStreamExists()
              ? STREAM_EXISTS
              : ANY
        open.set(correlation, { stream: nameOf(options.getStreamIdentifier()), expected, events: [] })
      }
      const batch = open.get(correlation)
      if (!batch) throw new Error('a batch without options')
      for (const message of request.getProposedMessagesList()) batch.events.push(eventOf(batch.stream, message))
      if (!request.getIsFinal()) continue
      open.delete(correlation)
      const { stream, expected, events } = batch
      const response = new streams.BatchAppendResp()
        .setCorrelationId(request.getCorrelationId())
        .setStreamIdentifier(identifier(stream))
      if (store.isGone(stream)) {
        const gone = new shared.StreamDeleted().setStreamIdentifier(identifier(stream))
        call.write(response.setError(statusOf(gone.serializeBinary(), 'event_store.client.StreamDeleted')))
        continue
      }
      const result = store.commit(new Map([[stream, expected]]), events)
      if (!settle()) return
      if (isCommitted(result)) {
        const position = new shared.AllStreamPosition()
          .setCommitPosition(String(result.position))
          .setPreparePosition(String(result.position))
        response.setSuccess(
          new streams.BatchAppendResp.Success()
            .setCurrentRevision(String(result.revisions.get(stream)))
            .setPosition(position),
        )
      } else {
        const wrong = new shared.WrongExpectedVersion()
        const actual = result[0]?.actual ?? NO_STREAM
        if (actual >= 0) wrong.setCurrentStreamRevision(String(actual))
        if (expected >= 0) wrong.setExpectedStreamPosition(String(expected))
        response.setError(statusOf(wrong.serializeBinary(), 'event_store.client.WrongExpectedVersion'))
      }
      call.write(response)
    }
    call.end()
  }

export const isCommitted = (result: Committed | readonly Violation[]): result is Committed => 'position' in result

const statusOf = (bytes: Uint8Array, name: string) =>
  new status.Status().setMessage(name).setDetails(anyOf(bytes, name) as never)

const deleted = (stream: string): WireError => {
  const metadata = new grpc.Metadata()
  metadata.set('exception', 'stream-deleted')
  metadata.set('stream-name', stream)
  return { code: grpc.status.FAILED_PRECONDITION, details: 'deleted', metadata }
}
