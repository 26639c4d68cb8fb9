import { DecodeError } from '../../../domain/chain/decode-error.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { decodeMessage, encodeMessage, longestPayload } from '../../../domain/chain/wire/codec.ts'
import { ENVELOPE_BYTES, type Envelope, encodeEnvelope } from '../../../domain/chain/wire/envelope.ts'
import type { Message } from '../../../domain/chain/wire/message.ts'
import type { Clock } from '../../clock/port.ts'
import { newFramer } from './framer.ts'
import type { P2pLimits } from './limits.ts'
import { PeerEnd } from './peer-end.ts'
import type { HostPort, Wire } from './port.ts'
import { newTraffic, type Traffic } from './traffic.ts'

export type Sent = Exclude<Message, { command: 'unknown' }>
export type Received = { readonly message: Message; readonly sizeBytes: number }

/** A wire as messages. */
export interface Connection {
  readonly remote: HostPort
  readonly local: HostPort
  readonly traffic: Traffic
  readonly queuedBytes: number
  /** Why it is over; absent while it is not. */
  readonly reason: PeerEnd | undefined
  /** One after the other; the next is read when it is asked for. Ends when the connection does. @throws PeerEnd */
  messages(): AsyncGenerator<Received, void>
  send(message: Sent): void
  /** A payload that is in its wire form already. */
  sendPayload(command: string, payload: Uint8Array): void
  drained(): Promise<void>
  /** What has taken too long, if anything has. */
  overdue(): PeerEnd | undefined
  end(reason: PeerEnd): void
}

export type ConnectionOptions = {
  readonly wire: Wire
  readonly network: Network
  readonly clock: Clock
  readonly limits: P2pLimits
  /** All connections together. */
  readonly totals: Traffic
  /** Throws for a message that is not to be read now. */
  readonly allows: (envelope: Envelope) => void
}

export const openConnection = (options: ConnectionOptions): Connection => {
  const { wire, network, clock, limits, totals } = options
  const traffic = newTraffic()
  const framer = newFramer(network, (envelope) => {
    if (envelope.sizeBytes > longestPayload(envelope.command))
      throw new PeerEnd('chain.peer-oversize', envelope.command)
    options.allows(envelope)
  })
  let reason: PeerEnd | undefined
  /** When this end began to wait for the rest of a message, or for a peer that does not read. */
  let partialSinceUs: number | undefined
  let queuedSinceUs: number | undefined
  let queuedBefore = 0

  const sendPayload = (command: string, payload: Uint8Array): void => {
    if (reason !== undefined) return
    const bytes = encodeEnvelope(network, command, payload)
    for (const counted of [traffic, totals]) counted.sent(command, bytes.length, clock.now())
    wire.write(bytes)
    if (wire.queuedBytes > limits.sendBytes) end(new PeerEnd('chain.peer-slow-reader'))
  }
  const end = (why: PeerEnd): void => {
    reason ??= why
    wire.close()
  }

  async function* messages(): AsyncGenerator<Received, void> {
    for await (const chunk of wire.chunks()) {
      framer.push(chunk)
      partialSinceUs = undefined
      for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
        if (reason !== undefined) return
        const sizeBytes = ENVELOPE_BYTES + frame.payload.length
        for (const counted of [traffic, totals]) counted.received(frame.command, sizeBytes, clock.now())
        yield { message: read(frame.command, frame.payload), sizeBytes }
      }
      if (framer.isPartial) partialSinceUs = clock.steadyUs()
    }
  }

  return {
    remote: wire.remote,
    local: wire.local,
    traffic,
    get queuedBytes() {
      return wire.queuedBytes
    },
    get reason() {
      return reason
    },
    messages,
    send: (message) => sendPayload(message.command, encodeMessage(message)),
    sendPayload,
    drained: () => wire.drained(),
    overdue: () => {
      const nowUs = clock.steadyUs()
      const late = (sinceUs: number | undefined, ms: number) => sinceUs !== undefined && nowUs - sinceUs > ms * 1000
      if (late(partialSinceUs, limits.messageMs)) return new PeerEnd('chain.peer-slow-message')
      // Whatever leaves the queue starts its time anew.
      const { queuedBytes } = wire
      if (queuedBytes === 0) queuedSinceUs = undefined
      else if (queuedSinceUs === undefined || queuedBytes < queuedBefore) queuedSinceUs = nowUs
      queuedBefore = queuedBytes
      return late(queuedSinceUs, limits.sendMs) ? new PeerEnd('chain.peer-slow-reader') : undefined
    },
    end,
  }
}

const read = (command: string, payload: Uint8Array): Message => {
  try {
    return decodeMessage(command, payload)
  } catch (error) {
    if (error instanceof DecodeError) throw new PeerEnd('chain.peer-malformed', `${command}, ${error.code}`)
    throw error
  }
}
