import { createRequire } from 'node:module'
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js'

// The very grpc-js that the client uses: two of them would not know each other's classes.
const fromClient = createRequire(createRequire(import.meta.url).resolve('@kurrent/kurrentdb-client'))

type Callback<Response> = (error: WireError | null, response?: Response) => void
export type WireError = { readonly code: number; readonly details: string; readonly metadata?: Metadata }
export type Metadata = { set(name: string, value: string | Buffer): void }
type Events = { on(event: 'data' | 'end' | 'close' | 'cancelled' | 'error', listener: (value: never) => void): unknown }
export type UnaryCall<Request> = { readonly request: Request }
export type StreamingCall<Response> = Events & {
  readonly cancelled: boolean
  write(response: Response): boolean
  once(event: 'drain' | 'cancelled', listener: () => void): unknown
  removeListener(event: 'drain' | 'cancelled', listener: () => void): unknown
  end(): void
  emit(event: 'error', error: Error): unknown
}
export type Unary<Request, Response> = (call: UnaryCall<Request>, answer: Callback<Response>) => void
export type ClientStream<Request, Response> = (
  call: Events & AsyncIterable<Request>,
  answer: Callback<Response>,
) => unknown
export type ServerStream<Request, Response> = (call: UnaryCall<Request> & StreamingCall<Response>) => unknown
export type BothStream<Request, Response> = (call: StreamingCall<Response> & AsyncIterable<Request>) => unknown

type Server = {
  addService(service: unknown, handlers: Readonly<Record<string, unknown>>): void
  bindAsync(address: string, credentials: unknown, bound: (error: Error | null, port: number) => void): void
  forceShutdown(): void
}
export const grpc: {
  readonly Server: new (options?: Readonly<Record<string, number>>) => Server
  readonly ServerCredentials: { createInsecure(): unknown }
  readonly Metadata: new () => Metadata
  readonly status: Readonly<Record<'FAILED_PRECONDITION' | 'ABORTED' | 'UNKNOWN', number>>
} = fromClient('@grpc/grpc-js')

type AnyMessage = { pack(bytes: Uint8Array, name: string, prefix?: string): void }
export const anyOf = (bytes: Uint8Array, name: string): AnyMessage => {
  const { Any }: { Any: new () => AnyMessage } = fromClient('google-protobuf/google/protobuf/any_pb.js')
  const any = new Any()
  any.pack(bytes, name)
  return any
}

export const uuid = (text: string) => new shared.UUID().setString(text)

/** A UUID of the wire: text, or two halves as signed 64-bit numbers. */
export const uuidText = (id: ReturnType<typeof uuid> | undefined): string => {
  if (!id) throw new Error('no uuid')
  if (!id.hasStructured()) return id.getString()
  const half = (digits: string) => BigInt.asUintN(64, BigInt(digits)).toString(16).padStart(16, '0')
  const { mostSignificantBits, leastSignificantBits } = id.getStructured()!.toObject()
  const hex = half(mostSignificantBits) + half(leastSignificantBits)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const utf8 = new TextDecoder()
export const nameOf = (stream: { getStreamName_asU8(): Uint8Array } | undefined): string => {
  if (!stream) throw new Error('no stream')
  return utf8.decode(stream.getStreamName_asU8())
}
export const identifier = (name: string) => new shared.StreamIdentifier().setStreamName(Buffer.from(name))
