import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../../../domain/fault.ts'
import { defaultConfigDir } from '../../data-dir.ts'
import { notFound } from '../exit-code.ts'

/** A node by name: how to reach it, and where its token is. A token itself is never kept here. */
export type Context = { readonly url?: string; readonly tokenFile?: string; readonly dataDir?: string }
/** `current`: what is meant when nothing else is said. */
export type Contexts = { readonly current?: string; readonly contexts: Readonly<Record<string, Context>> }

/** `$XDG_CONFIG_HOME/zennet/contexts.json`, mode 0600. */
export const contextsFile = (): string => join(defaultConfigDir(process.env), 'contexts.json')

const FIELDS: ReadonlySet<string> = new Set(['url', 'tokenFile', 'dataDir'])

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isContext = (value: unknown): value is Context =>
  isRecord(value) && Object.entries(value).every(([name, text]) => FIELDS.has(name) && typeof text === 'string')

const isContexts = (value: unknown): value is Contexts =>
  isRecord(value) &&
  isRecord(value['contexts']) &&
  Object.values(value['contexts']).every(isContext) &&
  (value['current'] === undefined || typeof value['current'] === 'string')

/** @throws Fault `cli.bad-contexts` */
export const readContexts = (): Contexts => {
  const file = contextsFile()
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} }
    throw badFile(file, cause)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (isContexts(value)) return value
  } catch {}
  throw badFile(file)
}

const badFile = (file: string, cause?: unknown): Fault =>
  new Fault('cli.bad-contexts', `the contexts in ${file} cannot be read`, {
    culprit: 'you',
    next: 'Correct the file or remove it, and add the contexts again: zennet context add.',
    cause,
  })

/** Whole, or not at all: a program that reads meanwhile sees the file before or after. */
export const writeContexts = (contexts: Contexts): void => {
  const file = contextsFile()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.${process.pid}`
  writeFileSync(next, `${JSON.stringify(contexts, undefined, 2)}\n`, { mode: 0o600 })
  chmodSync(next, 0o600)
  renameSync(next, file)
}

/** @throws Fault `not-found`, `cli.bad-contexts` */
export const contextNamed = (name: string): Context => {
  const { contexts } = readContexts()
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (found === undefined) throw notFound(`there is no context ${name}`, 'See zennet context ls.')
  return found
}
