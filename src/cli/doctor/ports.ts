import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Finding, found, missing, type Need } from './check.ts'

/** Whether the port can be listened on at loopback; if not, who has it, as far as this user may see. */
export const checkPort = (name: string, port: number, need: Need): Promise<Finding> =>
  new Promise((done) => {
    const server = createServer()
    const label = `port ${port}`
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      const owner = isTaken ? ownerOf(port) : undefined
      done(
        missing(label, need, `${name}: ${isTaken ? `taken by ${owner ?? 'a program of another user'}` : error.code}`, {
          means: 'a node with this setting does not start',
          fault: 'this machine',
          next: `End that program, or choose another port with --${name}; perhaps a node runs here already.`,
        }),
      )
    })
    server.listen(port, '127.0.0.1', () => server.close(() => done(found(label, need, `${name}: free`))))
  })

/** State of a socket that listens. Source: Linux, `include/net/tcp_states.h`. */
const LISTENS = '0A'

/** Inodes of the sockets that listen on a port. Source: proc(5), `/proc/net/tcp`. */
export const listenersIn = (table: string, port: number): string[] => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENS && local?.endsWith(`:${hex}`))
    .flatMap((fields) => fields[9] ?? [])
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
const entries = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Name and number of the process that listens on a port; undefined when it is not this user's to see. */
export const ownerOf = (port: number): string | undefined => {
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listenersIn(read(file), port))
  const wanted = new Set(sockets.map((inode) => `socket:[${inode}]`))
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name)))
    for (const fd of entries(`/proc/${pid}/fd`)) {
      let target: string
      try {
        target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      } catch {
        continue
      }
      if (wanted.has(target)) return `${read(`/proc/${pid}/comm`).trim()} (process ${pid})`
    }
  return undefined
}
