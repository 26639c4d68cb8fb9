import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { SCOPES } from '../../../domain/session/api-session.ts'
import type { Session } from './principal.ts'

const PREFIX = 'zs1.'
const MAX_TOKEN_CHARS = 600

const Claims = z.strictObject({
  id: z.string(),
  key: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  limit: z.string().regex(/^\d{1,19}$/),
  from: z.number(),
  to: z.number(),
})

/** Session tokens: claims and their HMAC-SHA-256, so that nothing is looked up to read one. `secret`: 32 bytes. */
export const sessionTokens = (secret: Uint8Array) => {
  const sign = (text: string): Buffer =>
    createHmac('sha256', secret).update('zennet/session-token\0').update(text).digest()
  return {
    write: ({ id, key, scopes, spendLimitSats, issuedAt, expiresAt }: Session): string => {
      const claims = { id, key, scopes: [...scopes], limit: `${spendLimitSats}`, from: issuedAt, to: expiresAt }
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url')
      return `${PREFIX}${body}.${sign(body).toString('base64url')}`
    },
    /** The session that a token of ours names, also one that has expired; undefined for anything else. */
    read: (token: string): Session | undefined => {
      if (!token.startsWith(PREFIX) || token.length > MAX_TOKEN_CHARS) return undefined
      const [body = '', mac = ''] = token.slice(PREFIX.length).split('.')
      const given = Buffer.from(mac, 'base64url')
      const expected = sign(body)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      const { id, key, scopes, limit, from, to } = Claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()))
      return {
        kind: 'session',
        id,
        key,
        scopes: new Set(scopes),
        spendLimitSats: BigInt(limit),
        issuedAt: from,
        expiresAt: to,
      }
    },
  }
}
