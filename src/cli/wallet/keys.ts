import { join } from 'node:path'
import { encodeAddress } from '../../../domain/chain/address.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { ensureDataDir } from '../../data-lock.ts'
import { systemRandom } from '../../random/system.ts'
import { createKeystore, openKeystore, revealMnemonic } from '../../wallet/keystore.ts'
import { readSecret } from '../ask.ts'
import { type ChangeFlags, tellLocal } from '../change.ts'
import { type Output, printOne, printValue } from '../output.ts'
import { configOf } from '../setting-options.ts'

type Flags = { readonly dataDir?: string; readonly network?: string }

const keystoreOf = (flags: Flags) => {
  const { dataDir, walletFile, walletPassword, network } = configOf(flags)
  return {
    dataDir,
    at: { path: walletFile ?? join(dataDir, 'wallet.json'), password: walletPassword },
    network: networkNamed(network),
  }
}

/** Makes the keystore that a node in this data directory will open. @throws Fault `wallet.exists` and others of `createKeystore`, `node.data-dir` */
export const newWallet = async (
  flags: Flags & ChangeFlags & { restore?: true; gap?: number; output: Output },
): Promise<void> => {
  const { dataDir, at, network } = keystoreOf(flags)
  tellLocal(`make a wallet${flags.restore ? ' from its words' : ''}`, flags, [['file', at.path]])
  const given = flags.restore ? (await readSecret('The 24 words', flags)).trim().split(/\s+/).join(' ') : undefined
  ensureDataDir(dataDir)
  const { mnemonic } = await createKeystore({
    ...at,
    random: systemRandom,
    ...(given === undefined ? {} : { mnemonic: given }),
    ...(flags.gap === undefined ? {} : { gap: flags.gap }),
  })
  const keys = await openKeystore({ ...at, network })
  const made = { words: mnemonic, address: encodeAddress(network, keys.receive(0).script), file: at.path }
  printOne(
    made,
    [
      ['words', (it) => (given === undefined ? it.words : '')],
      ['address', (it) => it.address],
      ['file', (it) => it.file],
    ],
    flags.output,
  )
}

/** @throws Fault `wallet.no-keystore`, `wallet.wrong-password` and others of `revealMnemonic` */
export const backupWallet = async (flags: Flags & { output: Output }): Promise<void> =>
  printValue('words', await revealMnemonic(keystoreOf(flags).at), flags.output)
