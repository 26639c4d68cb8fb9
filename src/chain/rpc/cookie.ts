import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type RpcLogin = { readonly user: string; readonly password: string }

export const COOKIE_FILE = '.cookie'
const COOKIE_USER = '__cookie__'
const COOKIE_SECRET_BYTES = 32

/** Writes a fresh login to `<dataDir>/.cookie`, readable by its owner only, as bitcoind does. Whoever reads the file may call. */
export const writeCookie = (dataDir: string): { login: RpcLogin; file: string; remove: () => void } => {
  const login = { user: COOKIE_USER, password: randomBytes(COOKIE_SECRET_BYTES).toString('hex') }
  const file = join(dataDir, COOKIE_FILE)
  // Renamed into place: a reader never sees half a cookie, and an old file's wider mode is not kept.
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${login.user}:${login.password}`, { mode: 0o600 })
  renameSync(fresh, file)
  return { login, file, remove: () => rmSync(file, { force: true }) }
}

/** @throws the file system's error when it cannot be read */
export const readCookie = (file: string): RpcLogin => {
  const text = readFileSync(file, 'utf8').trim()
  const colon = text.indexOf(':')
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

export const basicAuth = ({ user, password }: RpcLogin): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
