import type { Scope } from '../../../domain/session/api-session.ts'

/** Whoever holds the token file of this node: may do everything. */
export type Owner = { readonly kind: 'owner' }
/** Who proved a chain key, for at most 15 minutes. */
export type Session = {
  readonly kind: 'session'
  readonly id: string
  /** Chain public key, hex. */
  readonly key: string
  readonly scopes: ReadonlySet<Scope>
  /** The most that this session may spend, sats; its key has a limit a day as well. */
  readonly spendLimitSats: bigint
  /** Unix ms. */
  readonly issuedAt: number
  readonly expiresAt: number
}
/** Nobody in particular: may ask for a session, and nothing else. */
export type Anonymous = { readonly kind: 'anonymous' }
export type Principal = Owner | Session | Anonymous

export const OWNER: Owner = { kind: 'owner' }
export const ANONYMOUS: Anonymous = { kind: 'anonymous' }
