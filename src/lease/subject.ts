/**
 * What a session is about: said by the end that dials, first thing, and bound into the challenge.
 * `body:<txid>` asks for an announcement's body; `lease:<id>:<txid>:<vout>` begins or resumes a lease for the announcement with
 * that bond; `tunnel:<lease>:<id>` brings the stream that the publisher asked for.
 */
export type Subject =
  | { readonly kind: 'body'; readonly txid: string }
  | { readonly kind: 'lease'; readonly leaseId: string; readonly outpoint: string }
  | { readonly kind: 'tunnel'; readonly leaseId: string; readonly id: string }

export const formatSubject = (subject: Subject): string => {
  switch (subject.kind) {
    case 'body':
      return `body:${subject.txid}`
    case 'lease':
      return `lease:${subject.leaseId}:${subject.outpoint}`
    case 'tunnel':
      return `tunnel:${subject.leaseId}:${subject.id}`
  }
}

const BODY = /^body:([0-9a-f]{64})$/
const LEASE = /^lease:([0-9a-f]{32}):([0-9a-f]{64}:\d{1,5})$/
const TUNNEL = /^tunnel:([0-9a-f]{32}):([0-9a-f]{32})$/

/** Undefined when it is none of these. */
export const parseSubject = (text: string): Subject | undefined => {
  const body = BODY.exec(text)
  if (body) return { kind: 'body', txid: body[1]! }
  const lease = LEASE.exec(text)
  if (lease) return { kind: 'lease', leaseId: lease[1]!, outpoint: lease[2]! }
  const tunnel = TUNNEL.exec(text)
  if (tunnel) return { kind: 'tunnel', leaseId: tunnel[1]!, id: tunnel[2]! }
  return undefined
}
