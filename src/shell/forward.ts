import type { Duplex } from 'node:stream'
import type { Connection, ServerChannel } from 'ssh2'
import { Fault } from '../../domain/fault.ts'
import type { MachineAddress, MachineListener, Machines } from '../machine/port.ts'
import { channelOutput } from './channel-output.ts'
import { guardFlood } from './flood.ts'
import { FORWARDS_PER_CONNECTION_MAX, FORWARDS_PER_LEASE_MAX, LISTENERS_PER_LEASE_MAX } from './port.ts'

export type ForwardHost = {
  readonly leaseId: string
  readonly machines: Pick<Machines, 'connect' | 'listen'>
  readonly wire: Duplex
  readonly client: Connection
  readonly count: (direction: 'rx' | 'tx', bytes: number) => void
  /** What stands of the whole lease, in all of its connections. */
  readonly lease: { forwards: number; listeners: number }
  /** A channel came or went. */
  readonly onChange: () => void
  readonly onOpened: (kind: 'forward' | 'listener') => void
}

export type Forwards = {
  /** `-L`, `-D`, `-W`, and a unix socket of the machine. */
  open(to: MachineAddress, accept: () => ServerChannel | undefined, refuse: (refusal: Refusal) => void): void
  /** `-R`: listens in the machine, and brings each connection to the client. */
  listen(at: ListenAt, accept: (port?: number) => void, reject: () => void): void
  /** @returns whether one stood there */
  cancel(at: ListenAt): boolean
  /** Streams and listeners that stand. */
  standing(): number
  end(): void
}

/** Told to the client with the channel that it does not get: a reason of RFC 4254 section 5.1, a code of ours and words. */
export type Refusal = { readonly reason: number; readonly words: string }

export const OPEN_REFUSED = { prohibited: 1, unreachable: 2, shortage: 4 } as const

/** A lease whose files can be read, and nothing else. */
export const readOnlyRefusal = (words: string): Refusal => ({ reason: OPEN_REFUSED.prohibited, words })

const TOO_MANY = 'shell.too-many'
const FULL: Refusal = { reason: OPEN_REFUSED.shortage, words: `${TOO_MANY}: too many forwards of this lease stand` }

const refusalOf = (error: unknown): Refusal => {
  const { code, message } = error instanceof Fault ? error : new Fault('machine.unreachable', 'it cannot be reached')
  const reason = code === 'machine.no-forward' ? OPEN_REFUSED.prohibited : OPEN_REFUSED.unreachable
  return { reason, words: `${code}: ${message}` }
}

/** `bind` is what the client called the address: it gets it back with each connection. The machine listens on loopback whatever it is. */
export type ListenAt = { readonly bind: string; readonly port: number } | { readonly path: string }

const keyOf = (at: ListenAt) => ('path' in at ? at.path : `${at.bind} ${at.port}`)

/** Joins a channel to a stream in the machine: bytes both ways with back-pressure, the end of each direction passed on alone. */
const join = (channel: ServerChannel, stream: Duplex, { wire, count }: ForwardHost, onClosed: () => void) => {
  const out = channelOutput(channel, wire)
  let open = true
  const close = () => {
    if (!open) return
    open = false
    out.close()
    stream.destroy()
    channel.close()
    onClosed()
  }
  channel.on('error', close).once('close', close)
  channel.stderr.on('error', () => {})
  guardFlood(channel, wire)
  stream.on('error', close).once('close', () => {
    // What it said last may still be on its way to the client.
    if (!stream.readableEnded) close()
  })
  stream.on('drain', () => channel.resume())
  channel.on('data', (chunk: Buffer) => {
    count('rx', chunk.length)
    if (stream.writable && !stream.write(chunk)) channel.pause()
  })
  channel.once('end', () => stream.end())
  const pour = async () => {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      count('tx', (chunk as Buffer).length)
      await out.write('out', chunk as Buffer)
    }
    // ssh2 closes a channel whose writing has finished; only the end of this direction is meant.
    channel.eof()
    if (stream.writableFinished || stream.destroyed) return close()
    stream.once('finish', close).once('close', close)
  }
  pour().catch(close)
  return close
}

/** The forwards of one connection, all of them inside the lease's machine. */
export const openForwards = (host: ForwardHost): Forwards => {
  const { leaseId, machines, lease, client } = host
  const streams = new Set<() => void>()
  const listeners = new Map<string, { stop: () => void }>()
  let pending = 0
  let over = false

  const full = () =>
    over || streams.size + pending >= FORWARDS_PER_CONNECTION_MAX || lease.forwards >= FORWARDS_PER_LEASE_MAX
  const take = () => {
    pending += 1
    lease.forwards += 1
    host.onChange()
    let given = false
    return {
      /** It was not joined after all. */
      giveBack: () => {
        if (given) return
        given = true
        pending -= 1
        lease.forwards -= 1
        host.onChange()
      },
      join: (channel: ServerChannel, stream: Duplex) => {
        given = true
        pending -= 1
        const close = join(channel, stream, host, () => {
          streams.delete(close)
          lease.forwards -= 1
          host.onChange()
        })
        streams.add(close)
        host.onOpened('forward')
      },
    }
  }

  /** A connection to a listener in the machine: the client is asked to take it. */
  const bring = (at: ListenAt, stream: Duplex) => {
    if (full()) return void stream.destroy()
    const place = take()
    stream.once('close', place.giveBack)
    const joined = (error: Error | undefined, channel: ServerChannel) => {
      stream.off('close', place.giveBack)
      if (error === undefined && !over && !stream.destroyed) return place.join(channel, stream)
      place.giveBack()
      stream.destroy()
      channel?.close()
    }
    if ('path' in at) client.openssh_forwardOutStreamLocal(at.path, joined as never)
    else client.forwardOut(at.bind, at.port, '127.0.0.1', 0, joined as never)
  }

  return {
    open: (to, accept, refuse) => {
      if (full()) return refuse(FULL)
      const place = take()
      machines.connect(leaseId, to).then(
        (stream) => {
          const channel = over ? undefined : accept()
          if (channel !== undefined) return place.join(channel, stream)
          place.giveBack()
          stream.destroy()
        },
        (error: unknown) => {
          place.giveBack()
          if (!over) refuse(refusalOf(error))
        },
      )
    },
    listen: (at, accept, reject) => {
      const key = keyOf(at)
      if (over || lease.listeners >= LISTENERS_PER_LEASE_MAX || listeners.has(key)) return reject()
      lease.listeners += 1
      let standing: MachineListener | undefined
      let names = [key]
      const stop = () => {
        if (lost) return
        lost = true
        lease.listeners -= 1
        for (const name of names) listeners.delete(name)
        standing?.close()
        host.onChange()
      }
      let lost = false
      listeners.set(key, { stop })
      host.onChange()
      let known = at
      const where = 'path' in at ? at : { host: at.bind, port: at.port }
      machines
        .listen(leaseId, where, (stream) => (lost ? void stream.destroy() : bring(known, stream)))
        .then(
          (listener) => {
            standing = listener
            if (over || lost) {
              listener.close()
              return stop()
            }
            listener.closed.then(stop)
            // The client knows the port that was chosen, and cancels by it.
            if ('bind' in at && listener.port !== undefined) known = { bind: at.bind, port: listener.port }
            listeners.delete(key)
            names = [keyOf(known)]
            listeners.set(keyOf(known), { stop })
            host.onOpened('listener')
            accept(listener.port)
          },
          () => {
            stop()
            reject()
          },
        )
    },
    cancel: (at) => {
      const found = listeners.get(keyOf(at))
      found?.stop()
      return found !== undefined
    },
    standing: () => streams.size + pending + listeners.size,
    end: () => {
      over = true
      for (const { stop } of [...listeners.values()]) stop()
      for (const close of [...streams]) close()
    },
  }
}
