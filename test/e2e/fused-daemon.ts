import { readFileSync, rmSync } from 'node:fs'
import { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Change } from '../../src/journal/store.ts'

// zennetd, which kills itself as `kill -9` does at a moment that a test chose: the file that FUSE names says when. `before TYPE` and
// `after TYPE`: just before or after a fact of this type is on the disk, and before anybody knows. `called`: when a peer has connected.
// `halt` before these: it is not killed but stands still, until it gets SIGCONT. With SIGUSR2 it resets the oldest connection of a peer.
const file = process.env['FUSE']
if (file === undefined) throw new Error('FUSE names the file that says when to die')

/** The journal is in a thread of its own: a change to it crosses as text. */
type Asked = { readonly id?: number; readonly argument?: Change }

const armed = (): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
/** Burnt first: the next incarnation lives. */
const burn = (): void => {
  const when = armed()
  if (when === '') return
  const signal = when.startsWith('halt ') ? 'SIGSTOP' : 'SIGKILL'
  rmSync(file, { force: true })
  process.kill(process.pid, signal)
}
const writes = ({ argument }: Asked, type: string): boolean =>
  argument?.kind === 'transact' &&
  argument.transact.appends.some(({ facts }) => facts.some((fact) => fact.type === type))

const post = Worker.prototype.postMessage
Worker.prototype.postMessage = function (message: Asked, ...rest: never[]) {
  const [when, type] = armed().replace('halt ', '').split(' ')
  if (type !== undefined && writes(message, type)) {
    if (when === 'before') burn()
    else this.prependListener('message', ({ id }: { id?: number }) => id === message.id && burn())
  }
  return post.call(this, message, ...rest)
}

const callers = new Set<Socket>()
const emit = Server.prototype.emit
Server.prototype.emit = function (event: string | symbol, ...args: unknown[]) {
  if (event === 'connection' && !(this instanceof HttpServer)) {
    if (armed() === 'called') burn()
    const socket = args[0] as Socket
    callers.add(socket)
    socket.once('close', () => callers.delete(socket))
  }
  return Reflect.apply(emit, this, [event, ...args])
}
process.on('SIGUSR2', () => [...callers][0]?.resetAndDestroy())

await import('../../src/main.ts')
