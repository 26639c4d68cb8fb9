import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import ssh2 from 'ssh2'
import { Fault } from '../../domain/fault.ts'
import { ed25519Blob, fingerprint, generateOpenSshKey } from './openssh-key.ts'

/** `publicKey`: `ssh-ed25519 AAAA…`, for a `known_hosts` line and for the terms. */
export type HostKey = { readonly privateKey: string; readonly publicKey: string; readonly fingerprint: string }

/** Reads a private host key. @throws Fault `shell.bad-host-key` when it is no ed25519 private key without a passphrase */
export const parseHostKey = (privateKey: string): HostKey => {
  const parsed = ssh2.utils.parseKey(privateKey)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  const next = 'Restore the file, or remove it: the next start makes a new key, and leases agreed on the old one end.'
  if (key === undefined || key instanceof Error || !key.isPrivateKey() || key.type !== 'ssh-ed25519')
    throw new Fault('shell.bad-host-key', 'The SSH host key is not an ed25519 private key.', { culprit: 'you', next })
  const publicKey = `ssh-ed25519 ${key.getPublicSSH().toString('base64')}`
  const blob = ed25519Blob(publicKey)
  if (blob === undefined)
    throw new Fault('shell.bad-host-key', 'The SSH host key is damaged.', { culprit: 'you', next })
  return { privateKey, publicKey, fingerprint: fingerprint(blob) }
}

const create = async (file: string) => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(generateOpenSshKey('zennet').privateKey)
    await handle.sync()
    // Unlike a rename, a link never replaces a key that another process made first.
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await handle.close()
    await unlink(draft)
  }
}

/**
 * The provider's host key, made at the first call and the same ever after: its fingerprint is part of agreed terms.
 *
 * @throws Fault `shell.host-key-exposed` when others may read the file, `shell.bad-host-key` when it holds something else
 */
export const loadHostKey = async (file: string): Promise<HostKey> => {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (found === undefined) await create(file)
  else if ((found.mode & 0o077) !== 0)
    throw new Fault('shell.host-key-exposed', `Others than its owner have access to ${file}.`, {
      culprit: 'you',
      next: `chmod 600 ${file}, or remove it to get a new key.`,
    })
  return parseHostKey(await readFile(file, 'utf8'))
}
