import { SCOPES, type Scope } from './api-session.ts'

/** What a node's owner lets a chain key do in a session. */
export type Grant = { readonly scopes: readonly Scope[]; readonly spendPerDaySats: bigint }

/** One key's grant as the owner writes it: `KEY=read+post+spend:SATS_A_DAY`. */
export const GRANT = /^0[23][0-9a-f]{64}=(?:read|post|spend:\d{1,16})(?:\+(?:read|post|spend:\d{1,16}))*$/

/** By key; a later entry for a key takes the place of an earlier one. Each entry is as `GRANT`. */
export const readGrants = (entries: readonly string[]): ReadonlyMap<string, Grant> =>
  new Map(
    entries.map((entry): [string, Grant] => {
      const [key = '', words = ''] = entry.split('=')
      const named = new Map(
        words.split('+').map((word): [string, string] => [word.split(':')[0]!, word.split(':')[1] ?? '0']),
      )
      const scopes = SCOPES.filter((scope: Scope) => named.has(scope))
      return [key, { scopes, spendPerDaySats: BigInt(named.get('spend') ?? '0') }]
    }),
  )
