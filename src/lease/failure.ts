import { Fault } from '../../domain/fault.ts'
import { type FailureCode, isFailureCode } from '../../domain/lease/ends.ts'
import { PeerRefused } from './talk.ts'

/** Which failure a fault before the first payment comes to, for the log and for both users. */
const CODES: Readonly<Record<string, FailureCode>> = {
  'challenge.wrong-key': 'wrong-key',
  'challenge.bad-signature': 'wrong-key',
  'challenge.same-key': 'wrong-key',
  'challenge.subject': 'announcement-closed',
  'machine.no-image': 'machine-no-image',
  'machine.exited-at-once': 'machine-exited-at-once',
  'wallet.insufficient-funds': 'insufficient-funds',
  'lease.bad-funding': 'funding-refused',
  'chain.rejected': 'funding-refused',
  'chain.unreachable': 'funding-refused',
  'lease.refused': 'peer-misbehaved',
  'lease.bad-message': 'peer-misbehaved',
  'lease.unexpected-message': 'peer-misbehaved',
  'peer.malformed': 'peer-misbehaved',
  'peer.too-large': 'peer-misbehaved',
  'peer.timeout': 'stage-timeout',
}

export const failureOf = (error: unknown): { readonly code: FailureCode; readonly why: string } => {
  if (error instanceof PeerRefused) return { code: error.failure, why: error.why }
  const why = error instanceof Error ? error.message : String(error)
  if (!(error instanceof Fault)) return { code: 'machine-failed', why }
  const known = CODES[error.code]
  if (known) return { code: known, why }
  const last = error.code.split('.').at(-1) ?? ''
  if (isFailureCode(last)) return { code: last, why }
  if (error.code.startsWith('peer.') || error.code.startsWith('challenge.')) return { code: 'peer-unreachable', why }
  return { code: 'machine-failed', why }
}
