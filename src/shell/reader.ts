import ssh2, { type Client } from 'ssh2'
import { Fault } from '../../domain/fault.ts'
import { openSshKeyOf } from './openssh-key.ts'
import { READ_LIMIT_MS, READ_MAX_BYTES, type ShellReader, type ShellTarget } from './port.ts'

/** Tells it from the keys of people, wherever keys are listed. */
const COMMENT = 'zennet-meter'

const unread = (why: string, cause?: unknown) =>
  new Fault('shell.unread', `Nothing could be read in the machine: ${why}.`, {
    culprit: 'peer-unreachable',
    next: 'Nothing: it is tried again.',
    ...(cause === undefined ? {} : { cause }),
  })

/** @param seedOf 32 bytes of its own for each lease, the same each time */
export const openShellReader = (seedOf: (leaseId: string) => Uint8Array, limitMs = READ_LIMIT_MS): ShellReader => {
  const open = new Map<string, Promise<Client>>()
  const end = (leaseId: string, client: Promise<Client>) => {
    // Another one may have taken its place.
    if (open.get(leaseId) === client) open.delete(leaseId)
    client.then(
      (one) => one.destroy(),
      () => {},
    )
  }
  const connection = (leaseId: string, at: ShellTarget): Promise<Client> => {
    const known = open.get(leaseId)
    if (known !== undefined) return known
    const { privateKey } = openSshKeyOf(seedOf(leaseId), COMMENT)
    const client: Promise<Client> = connected(at, privateKey, () => end(leaseId, client))
    open.set(leaseId, client)
    return client
  }
  return {
    publicKey: (leaseId) => `${openSshKeyOf(seedOf(leaseId), COMMENT).publicKey} ${COMMENT}`,
    leave: (leaseId) => {
      const client = open.get(leaseId)
      if (client !== undefined) end(leaseId, client)
    },
    async run(leaseId, at, command) {
      const client = connection(leaseId, at)
      try {
        return await printed(await client, command, limitMs)
      } catch (error) {
        // A new connection next time: this one may be half dead.
        end(leaseId, client)
        throw error instanceof Fault ? error : unread('the connection broke', error)
      }
    },
  }
}

const connected = (at: ShellTarget, privateKey: string, onClose: () => void): Promise<Client> => {
  const wanted = ssh2.utils.parseKey(at.hostKey)
  const hostKey = Array.isArray(wanted) ? wanted[0] : wanted
  const client = new ssh2.Client()
  return new Promise<Client>((resolve, reject) => {
    client.on('ready', () => resolve(client))
    // Stays for the whole life of the connection: an error that nobody hears ends the process.
    client.on('error', reject)
    client.on('close', () => {
      onClose()
      reject(unread('the connection was closed'))
    })
    client.connect({
      host: '127.0.0.1',
      port: at.port,
      username: at.user,
      privateKey,
      readyTimeout: READ_LIMIT_MS,
      hostVerifier: (key: Buffer) =>
        hostKey !== undefined && !(hostKey instanceof Error) && key.equals(hostKey.getPublicSSH()),
    })
  })
}

const printed = (client: Client, command: string, limitMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(unread('it took too long')), limitMs)
    const onClose = () => settle(() => reject(unread('the connection was closed')))
    const settle = (act: () => void) => {
      clearTimeout(late)
      client.off('close', onClose)
      act()
    }
    client.once('close', onClose)
    client.exec(command, (error, channel) => {
      if (error) return settle(() => reject(unread('it was refused', error)))
      const parts: Buffer[] = []
      let size = 0
      channel.on('data', (part: Buffer) => {
        size += part.length
        if (size > READ_MAX_BYTES) return settle(() => reject(unread('it was too much')))
        parts.push(part)
      })
      channel.stderr.resume()
      channel.on('error', () => {})
      channel.on('close', () => settle(() => resolve(Buffer.concat(parts).toString('latin1'))))
      channel.end()
    })
  })
