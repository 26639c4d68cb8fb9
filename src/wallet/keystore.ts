import { open } from 'node:fs/promises'
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { toHex } from '../../domain/bytes.ts'
import type { Network } from '../../domain/chain/network.ts'
import { Fault } from '../../domain/fault.ts'
import type { Random } from '../random/port.ts'
import { deriveKeys, type Keys } from './keys.ts'
import { ENTROPY_BYTES, formatKeystore, MAX_KEYSTORE_BYTES, parseKeystore } from './keystore-file.ts'
import { type Kdf, LIGHT_KDF, MODERATE_KDF, seal, unseal } from './seal.ts'
import { writeNewFile } from './write-new-file.ts'

/** Longer passwords are refused, so that a mistake (a whole file as password) shows. */
export const MAX_PASSWORD_CHARS = 1_024
const GROUP_AND_OTHERS = 0o077

/** `password` may be empty for unattended nodes: then only the file's mode protects the keys. */
type At = { readonly path: string; readonly password: string }

export type CreateKeystore = At & {
  readonly random: Random
  /** 24 English words (BIP 39) to restore from; new ones when absent. */
  readonly mnemonic?: string
  /** `MODERATE_KDF`, or `LIGHT_KDF` with an empty password, when absent. */
  readonly kdf?: Kdf
  /** Keys to watch beyond the last one used, 1 to `MAX_GAP`, when more were given out than is usual. */
  readonly gap?: number
}

/**
 * Makes a keystore file (mode 0600) and answers with its 24 words, to be shown once and written down.
 *
 * @throws Fault `wallet.exists`, `wallet.bad-mnemonic`, `wallet.bad-password`, `wallet.no-memory`, `wallet.cannot-write`
 */
export const createKeystore = async (options: CreateKeystore): Promise<{ readonly mnemonic: string }> => {
  const { path, password, random } = options
  checkPassword(password)
  const entropy = options.mnemonic === undefined ? random.bytes(ENTROPY_BYTES) : entropyOf(options.mnemonic)
  try {
    const kdf = options.kdf ?? (password === '' ? LIGHT_KDF : MODERATE_KDF)
    const content = formatKeystore(await seal(entropy, password, kdf, random), options.gap)
    const written = await writeNewFile(path, content, toHex(random.bytes(8))).catch((cause: unknown) => {
      throw new Fault('wallet.cannot-write', `cannot write the keystore ${path}`, { next: 'Check the folder.', cause })
    })
    if (!written)
      throw new Fault('wallet.exists', `there is a keystore already: ${path}`, {
        culprit: 'you',
        next: 'Use it, or choose another path. Keystores are never replaced, since coins may hang on them.',
      })
    return { mnemonic: entropyToMnemonic(entropy, wordlist) }
  } finally {
    entropy.fill(0)
  }
}

/**
 * Opens a keystore for one network (its coin type is part of every path).
 *
 * @throws Fault `wallet.no-keystore`, `wallet.bad-file`, `wallet.wrong-password`, `wallet.open-to-others` (an empty password, and a file that
 * other users may read), `wallet.no-memory`
 */
export const openKeystore = async (options: At & { readonly network: Pick<Network, 'coinType'> }): Promise<Keys> => {
  const { entropy, gap } = await unsealFile(options)
  const seed = await mnemonicToSeed(entropyToMnemonic(entropy, wordlist))
  entropy.fill(0)
  const keys = deriveKeys(seed, options.network, gap)
  seed.fill(0)
  return keys
}

/** Whether the password opens it: throws when not. Faults as `openKeystore`. */
export const checkKeystore = async (at: At): Promise<void> => void (await unsealFile(at)).entropy.fill(0)

/** The 24 words of a keystore, for a backup. Faults as `openKeystore`. */
export const revealMnemonic = async (at: At): Promise<string> => {
  const { entropy } = await unsealFile(at)
  const words = entropyToMnemonic(entropy, wordlist)
  entropy.fill(0)
  return words
}

const unsealFile = async ({ path, password }: At): Promise<{ entropy: Uint8Array; gap?: number }> => {
  checkPassword(password)
  const { gap, ...sealed } = parseKeystore(await readPrivate(path, password === ''))
  const entropy = await unseal(sealed, password)
  if (entropy === undefined)
    throw new Fault('wallet.wrong-password', 'the password does not open this keystore', {
      culprit: 'you',
      next: 'Check the password. If it is surely right, the file is damaged: restore it from a backup or from its 24 words.',
    })
  return { entropy, ...(gap === undefined ? {} : { gap }) }
}

const readPrivate = async (path: string, modeIsAllThatProtects: boolean): Promise<string> => {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new Fault('wallet.no-keystore', `cannot open the keystore ${path}`, {
      culprit: 'you',
      next: 'Create one with "zennet wallet new", or check the path.',
      cause,
    })
  })
  try {
    const { mode } = await file.stat()
    if (modeIsAllThatProtects && process.platform !== 'win32' && (mode & GROUP_AND_OTHERS) !== 0)
      throw new Fault('wallet.open-to-others', `other users may read ${path}, and it has no password`, {
        culprit: 'you',
        next: `Run: chmod 600 ${path}`,
      })
    // One byte more than allowed is asked for, so that a longer file fails to parse instead of being cut.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_KEYSTORE_BYTES + 1), 0, MAX_KEYSTORE_BYTES + 1, 0)
    return bytesRead > MAX_KEYSTORE_BYTES ? '' : buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const checkPassword = (password: string): void => {
  if (password.length > MAX_PASSWORD_CHARS)
    throw new Fault('wallet.bad-password', `a password has ${MAX_PASSWORD_CHARS} characters at the most`, {
      culprit: 'you',
      next: 'Choose a shorter one.',
    })
}

const entropyOf = (mnemonic: string): Uint8Array => {
  const words = mnemonic.normalize('NFKD').trim().toLowerCase().split(/\s+/).join(' ')
  const entropy = validateMnemonic(words, wordlist) ? mnemonicToEntropy(words, wordlist) : undefined
  if (entropy?.length !== ENTROPY_BYTES)
    throw new Fault('wallet.bad-mnemonic', 'these are not 24 words of a BIP 39 mnemonic', {
      culprit: 'you',
      next: 'Check spelling and order; the last word holds a checksum.',
    })
  return entropy
}
