import { connect, type Socket } from 'node:net'
import ssh2, { type ClientChannel } from 'ssh2'
import { Fault } from '../../domain/fault.ts'
import { guardFlood } from './flood.ts'
import { LINGER_MS, type OpenTerminal, type ShellTerminal, TERMINAL_OPEN_MS, type TerminalEnd } from './port.ts'
import { terminalStream } from './terminal-stream.ts'

/** A terminal over SSH to a lease's shell, which is reached on this host; the host key must be the one that is named. */
export const openTerminal: OpenTerminal = async (at, privateKey, { columns, rows, term }) => {
  const wanted = ssh2.utils.parseKey(at.hostKey)
  const hostKey = Array.isArray(wanted) ? wanted[0] : wanted
  const client = new ssh2.Client()
  const wire = connect({ host: '127.0.0.1', port: at.port, noDelay: true })
  let isOther = false
  try {
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      const late = setTimeout(() => reject(unreachable('nothing answered in time')), TERMINAL_OPEN_MS)
      client.once('close', () => {
        clearTimeout(late)
        reject(isOther ? otherHost() : unreachable('the connection was closed'))
      })
      // Stays for the whole life of the connection: an error that nobody hears ends the process.
      client.on('error', (error: Error & { level?: string }) =>
        reject(
          isOther
            ? otherHost()
            : error.level === 'client-authentication'
              ? refused('it does not take the key', error)
              : unreachable('the connection broke', error),
        ),
      )
      client.once('ready', () =>
        client.shell({ term, cols: columns, rows }, (error, opened) => {
          clearTimeout(late)
          if (error) reject(refused('it opens no shell', error))
          else resolve(opened)
        }),
      )
      client.connect({
        sock: wire,
        username: at.user,
        privateKey,
        readyTimeout: TERMINAL_OPEN_MS,
        hostVerifier: (key: Buffer) => {
          isOther = hostKey === undefined || hostKey instanceof Error || !key.equals(hostKey.getPublicSSH())
          return !isOther
        },
      })
    })
    return over(channel, client, wire)
  } catch (error) {
    wire.destroy()
    throw error
  }
}

const over = (channel: ClientChannel, client: ssh2.Client, wire: Socket): ShellTerminal => {
  const stream = terminalStream(channel)
  /** ssh2's own `destroy` does nothing once it said goodbye, and who does not answer that would keep the connection. */
  const hangUp = () => {
    if (wire.destroyed) return
    channel.close()
    client.end()
    const linger = setTimeout(() => wire.destroy(), LINGER_MS)
    wire.once('close', () => clearTimeout(linger))
  }
  const ended = new Promise<TerminalEnd>((resolve, reject) => {
    let said: TerminalEnd = {}
    channel.once('exit', (code: number | null, signal?: string) => {
      said = { ...(code === null ? {} : { code }), ...(signal === undefined ? {} : { signal }) }
    })
    const isRead = new Promise((done) => stream.once('end', done))
    channel.once('close', async () => {
      hangUp()
      await isRead
      stream.destroy()
      resolve(said)
    })
    for (const output of [channel, channel.stderr])
      guardFlood(output, wire, () => {
        stream.destroy()
        reject(flooded())
      })
  })
  // Who hung up hears no more of it.
  ended.catch(() => {})
  channel.on('error', () => {})
  return {
    stream,
    ended,
    resize: ({ columns, rows }) => channel.setWindow(rows, columns, 0, 0),
    close: () => {
      hangUp()
      stream.resume()
    },
  }
}

const unreachable = (why: string, cause?: unknown): Fault =>
  new Fault('shell.unreachable', `The machine's shell cannot be reached: ${why}.`, {
    culprit: 'peer-unreachable',
    next: 'Try again: the provider may be away for a moment.',
    cause,
  })

const refused = (why: string, cause: unknown): Fault =>
  new Fault('shell.refused', `The machine's shell was refused: ${why}.`, {
    culprit: 'provider',
    next: 'See zennet lease show: is it still running, and is it this key that its terms have?',
    cause,
  })

const otherHost = (): Fault =>
  new Fault('shell.host-key-changed', 'The host key is not the one in the agreed terms.', {
    culprit: 'provider',
    next: 'Do not connect: somebody may stand in between.',
  })

const flooded = (): Fault =>
  new Fault('shell.flooded', "The machine's shell sent far more than it was asked for.", {
    culprit: 'provider',
    next: 'Rent from another provider: its gateway breaks the protocol.',
  })
