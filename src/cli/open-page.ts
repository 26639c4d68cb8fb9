import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EXIT } from './exit-code.ts'

/** How long a browser has to read the file that leads on, ms. */
const READ_MS = 10_000

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' }

const leadingTo = (url: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Zennet</title><meta http-equiv="refresh" content="0;url=${url.replace(/[&"<>]/g, (one) => ESCAPED[one]!)}">\n`

/**
 * Opens an address with a secret in it in the browser. What stands in the list of processes is only the name of a file that leads there:
 * it is for its owner alone, and gone after `READ_MS`. @returns false: there is no xdg-open
 */
export const openSecretPage = async (url: string, stateDir: string): Promise<boolean> => {
  const folder = join(stateDir, 'dashboard')
  const file = join(folder, `${process.pid}.html`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const leave = () => process.exit(EXIT.interrupted)
  process.once('exit', remove)
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
  writeFileSync(file, leadingTo(url), { mode: 0o600 })
  const opener = spawn('xdg-open', [file], { stdio: 'ignore', detached: true })
  const isOpened = await Promise.race([once(opener, 'spawn').then(() => true), once(opener, 'error').then(() => false)])
  opener.unref()
  if (isOpened) await delay(READ_MS)
  remove()
  return isOpened
}
