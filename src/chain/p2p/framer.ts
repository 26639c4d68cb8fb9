import { concat } from '../../../domain/bytes.ts'
import { DecodeError } from '../../../domain/chain/decode-error.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { checksumOf, decodeEnvelope, ENVELOPE_BYTES, type Envelope } from '../../../domain/chain/wire/envelope.ts'
import { PeerEnd } from './peer-end.ts'

export type Frame = { readonly command: string; readonly payload: Uint8Array }

/** Cuts a stream of bytes into messages. Holds one message at most, and none that `allows` refuses. */
export interface Framer {
  /** Bytes of a message are here, and it is not whole. */
  readonly isPartial: boolean
  push(chunk: Uint8Array): void
  /** The next whole message. @throws PeerEnd when what comes is none, or one that is not allowed */
  next(): Frame | undefined
}

/** @param allows throws for a message that is not to be read, before any of it is kept */
export const newFramer = (network: Network, allows: (envelope: Envelope) => void): Framer => {
  let chunks: Uint8Array[] = []
  let have = 0
  let envelope: Envelope | undefined

  const take = (size: number): Uint8Array => {
    const whole = chunks.length === 1 ? chunks[0]! : concat(...chunks)
    chunks = whole.length === size ? [] : [whole.subarray(size)]
    have -= size
    return whole.subarray(0, size)
  }
  return {
    get isPartial() {
      return have > 0 || envelope !== undefined
    },
    push: (chunk) => {
      chunks.push(chunk)
      have += chunk.length
    },
    next: () => {
      if (envelope === undefined) {
        if (have < ENVELOPE_BYTES) return undefined
        envelope = readEnvelope(network, take(ENVELOPE_BYTES))
        allows(envelope)
      }
      const { command, sizeBytes, checksum } = envelope
      if (have < sizeBytes) return undefined
      const payload = take(sizeBytes)
      envelope = undefined
      if (checksumOf(payload) !== checksum) throw new PeerEnd('chain.peer-bad-checksum', command)
      return { command, payload }
    },
  }
}

const readEnvelope = (network: Network, bytes: Uint8Array): Envelope => {
  try {
    return decodeEnvelope(network, bytes)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    if (error.code === 'wrong-magic') throw new PeerEnd('chain.peer-wrong-magic')
    throw new PeerEnd(error.code === 'oversize' ? 'chain.peer-oversize' : 'chain.peer-malformed', error.code)
  }
}
