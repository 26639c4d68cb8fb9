import status from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js'
import errors from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js'
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js'
import { isCommitted } from './append-v1.ts'
import type { Answering } from './double.ts'
import { ANY, type NewEvent } from './event-store.ts'
import { anyOf, type ClientStream, grpc, type Unary, type WireError } from './wire.ts'

/** Properties come back to readers of the first protocol as JSON metadata. */
const eventOf = (stream: string, record: streams.AppendRecord): NewEvent => {
  const properties = Object.fromEntries(
    record.getPropertiesMap().toArray().length === 0
      ? []
      : [...record.getPropertiesMap().entries()].map(([name, value]) => [name, value.getStringValue()]),
  )
  return {
    stream,
    id: record.getRecordId() ?? '',
    type: record.getSchema()?.getName() ?? '',
    contentType: 'application/json',
    data: record.getData_asU8(),
    metadata: Buffer.from(JSON.stringify(properties)),
  }
}

/** 25.1: one request for each stream, and no stream twice. */
export const appendSession =
  ({ store, settle }: Answering): ClientStream<streams.AppendRequest, streams.AppendSessionResponse> =>
  async (call, answer) => {
    const expected = new Map<string, number>()
    const events: NewEvent[] = []
    for await (const request of call) {
      const stream = request.getStream()
      if (expected.has(stream)) return answer({ code: grpc.status.ABORTED, details: 'stream already in session' })
      expected.set(stream, request.hasExpectedRevision() ? Number(request.getExpectedRevision()) : ANY)
      events.push(...request.getRecordsList().map((record) => eventOf(stream, record)))
    }
    const result = store.commit(expected, events)
    if (!settle()) return undefined
    if (!isCommitted(result)) {
      const [first] = result
      const conflict = new errors.StreamRevisionConflictErrorDetails()
        .setStream(first!.stream)
        .setExpectedRevision(String(first!.expected))
        .setActualRevision(String(first!.actual))
      return answer(refusal(conflict.serializeBinary(), 'StreamRevisionConflictErrorDetails'))
    }
    const response = new streams.AppendSessionResponse().setPosition(String(result.position))
    for (const [stream, revision] of result.revisions) {
      response.addOutput(new streams.AppendResponse().setStream(stream).setStreamRevision(String(revision)))
    }
    return answer(null, response)
  }

/** 26.1: records of any streams in any order, and checks of any streams. */
export const appendRecords =
  ({ store, settle }: Answering): Unary<streams.AppendRecordsRequest, streams.AppendRecordsResponse> =>
  ({ request }, answer) => {
    const expected = new Map<string, number>()
    for (const check of request.getChecksList()) {
      const state = check.getStreamState()
      if (state) expected.set(state.getStream(), Number(state.getExpectedState()))
    }
    const events = request.getRecordsList().map((record) => eventOf(record.getStream(), record))
    const result = store.commit(expected, events)
    if (!settle()) return
    if (!isCommitted(result)) {
      const violations = result.map(({ stream, expected: wanted, actual }) =>
        new errors.ConsistencyViolation().setStreamState(
          new errors.ConsistencyViolation.StreamStateViolation()
            .setStream(stream)
            .setExpectedState(String(wanted))
            .setActualState(String(actual)),
        ),
      )
      const details = new errors.AppendConsistencyViolationErrorDetails().setViolationsList(violations)
      return answer(refusal(details.serializeBinary(), 'AppendConsistencyViolationErrorDetails'))
    }
    const response = new streams.AppendRecordsResponse().setPosition(String(result.position))
    for (const stream of new Set(events.map((event) => event.stream))) {
      const revision = String(result.revisions.get(stream))
      response.addRevisions(new streams.StreamRevision().setStream(stream).setRevision(revision))
    }
    answer(null, response)
  }

const refusal = (bytes: Uint8Array, name: string): WireError => {
  const details = anyOf(bytes, `kurrentdb.protocol.v2.streams.errors.${name}`)
  const metadata = new grpc.Metadata()
  const packed = new status.Status().setMessage(name).setDetails(details as never)
  metadata.set('grpc-status-details-bin', Buffer.from(packed.serializeBinary()))
  return { code: grpc.status.FAILED_PRECONDITION, details: name, metadata }
}
