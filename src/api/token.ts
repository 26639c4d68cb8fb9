import { randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../../domain/fault.ts'

/** 32 random bytes, base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * The bearer token that the API asks for: made at the first start, in a file that only this user may read (0600).
 * @throws Fault `api.bad-token-file` when the file is there and holds something else, or cannot be read or written
 */
export const readToken = async (path: string): Promise<string> => {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    // `wx`: of two programs that start at once only one makes the token, and both read it.
    await writeFile(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw badFile(path, cause)
  }
  const token = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw badFile(path, cause)
  })
  if (!TOKEN.test(token.trim())) throw badFile(path, undefined)
  return token.trim()
}

/** Whether an `Authorization` value is `Bearer <token>`; takes as long whatever was guessed right. How long tokens are is no secret. */
export const isAuthorized = (authorization: unknown, token: string): boolean => {
  if (typeof authorization !== 'string' || !/^bearer /i.test(authorization)) return false
  const given = Buffer.from(authorization.slice(7).trim())
  const own = Buffer.from(token)
  return given.length === own.length && timingSafeEqual(given, own)
}

const badFile = (path: string, cause: unknown): Fault =>
  new Fault('api.bad-token-file', `the API token in ${path} cannot be used`, {
    culprit: 'you',
    next: `Check who may read ${path}, or remove it: a new token is made at the next start.`,
    cause,
  })
