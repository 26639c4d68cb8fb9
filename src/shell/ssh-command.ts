import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import { ed25519Blob, fingerprint, generateOpenSshKey } from './openssh-key.ts'

/** A key made for one lease. `publicKey` goes into the terms, `file` to the client. */
export type Identity = { readonly file: string; readonly publicKey: string }

/** Makes a fresh key in `folder` (made with mode 0700), file mode 0600. */
export const createIdentity = async (folder: string): Promise<Identity> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'identity')
  const { privateKey, publicKey } = generateOpenSshKey('zennet')
  await writeFile(file, privateKey, { mode: 0o600 })
  await chmod(file, 0o600)
  return { file, publicKey }
}

/** What the terms and the ready message say of a lease's shell; it comes from the provider and is checked. */
export type ShellAddress = {
  readonly host: string
  readonly port: number
  readonly user: string
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string
  /** `SHA256:…` from the agreed terms, when known: the key must have it. */
  readonly hostKeyFingerprint?: string
}

export type ShellTarget = ShellAddress & { readonly identityFile: string; readonly knownHostsFile: string }

const bad = (what: string) =>
  new Fault('shell.bad-address', `The provider's ${what} is not valid.`, {
    culprit: 'provider',
    next: 'Rent elsewhere.',
  })

/**
 * Writes a `known_hosts` file with exactly this lease's host key, so that the client is never asked whether it trusts it.
 *
 * @throws Fault `shell.bad-address` when a part could mean something else to ssh, `shell.host-key-changed` when the key is not the
 * agreed one
 */
export const pinHost = async (folder: string, address: ShellAddress, identityFile: string): Promise<ShellTarget> => {
  const { host, port, user, hostKey, hostKeyFingerprint } = address
  const blob = ed25519Blob(hostKey)
  if (blob === undefined) throw bad('host key')
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(user)) throw bad('user name')
  if (!/^(?:[A-Za-z0-9][A-Za-z0-9.-]{0,253}|[0-9a-f:]*:[0-9a-f:.]*)$/.test(host)) throw bad('host')
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw bad('port')
  if (hostKeyFingerprint !== undefined && hostKeyFingerprint !== fingerprint(blob))
    throw new Fault('shell.host-key-changed', 'The host key is not the one in the agreed terms.', {
      culprit: 'provider',
      next: 'Do not connect: somebody may stand in between.',
    })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const knownHostsFile = join(folder, 'known_hosts')
  await writeFile(knownHostsFile, `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`, { mode: 0o600 })
  return { ...address, identityFile, knownHostsFile }
}

/** A path as a value of ssh_config(5): in quotes, and `%` begins a token. */
const configPath = (path: string): string => {
  if (/["\n\\]/.test(path))
    throw new Fault('shell.bad-path', `ssh cannot use a path like ${path}.`, {
      culprit: 'you',
      next: 'Choose a data folder without quotes and backslashes in its name.',
    })
  return `"${path.replaceAll('%', '%%')}"`
}

/** Options that ssh, scp and sftp share. No configuration of the user or the host is read: what is not said here is ssh's default. */
const optionsOf = (target: ShellTarget): string[] => {
  const settings = [
    `IdentityFile=${configPath(target.identityFile)}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `UserKnownHostsFile=${configPath(target.knownHostsFile)}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'HostKeyAlgorithms=ssh-ed25519',
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    'PreferredAuthentications=publickey',
    'BatchMode=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ConnectTimeout=30',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
  ]
  return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])]
}

/** `user@host:path`, for the arguments of scp and rsync. */
export const remotePath = (target: ShellTarget, path: string): string =>
  `${target.user}@${target.host.includes(':') ? `[${target.host}]` : target.host}:${path}`

/** `options` come before the host (`-tt`, `-N`), `command` after it. */
export const sshCommand = (target: ShellTarget, command: readonly string[] = [], options: readonly string[] = []) => [
  'ssh',
  ...optionsOf(target),
  '-p',
  String(target.port),
  ...options,
  `${target.user}@${target.host}`,
  ...(command.length > 0 ? ['--', ...command] : []),
]

/** `args` are options and paths; those in the machine come from `remotePath`. */
export const scpCommand = (target: ShellTarget, args: readonly string[]): string[] => [
  'scp',
  ...optionsOf(target),
  '-P',
  String(target.port),
  ...args,
]

/** `args` are options, such as `-b FILE`. */
export const sftpCommand = (target: ShellTarget, args: readonly string[] = []): string[] => [
  'sftp',
  ...optionsOf(target),
  '-P',
  String(target.port),
  ...args,
  remotePath(target, '').slice(0, -1),
]

/** rsync splits `-e` at spaces; in single quotes a doubled one stands for itself (rsync(1)). */
const rsyncWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "''")}'`

/** `args` are options and paths; those in the machine come from `remotePath`. */
export const rsyncCommand = (target: ShellTarget, args: readonly string[]): string[] => {
  const shell = ['ssh', ...optionsOf(target), '-p', String(target.port)]
  return ['rsync', '-e', shell.map(rsyncWord).join(' '), ...args]
}
