import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { chooseCurve } from '../../curve/choose.ts'
import { hasNative } from '../../curve/native.ts'
import { staticBusybox } from '../../machine/toolbox.ts'
import { nativeCrypto } from '../../shell/native.ts'
import { type Finding, found, type Lack, missing, type Need } from './check.ts'
import { firstThere } from './space.ts'

/** How long a program may take to say its version, ms. */
const PROGRAM_MS = 10_000
const LEAST_NODE = 24

export const checkNode = (): Finding =>
  Number(process.versions.node.split('.')[0]) >= LEAST_NODE
    ? found('node', 'all', process.versions.node)
    : missing('node', 'all', process.versions.node, {
        means: 'this Node does not run TypeScript',
        fault: 'this machine',
        next: 'Run npm ci: Node 24 is one of the dependencies.',
      })

export const checkCurve = (): Finding =>
  hasNative
    ? found('native secp256k1', 'nobody', chooseCurve().engine)
    : missing('native secp256k1', 'nobody', chooseCurve().engine, {
        means: 'signatures are checked at a fifth of the speed, right all the same',
        fault: 'this machine',
        next: 'Run npm ci with a C compiler present.',
      })

export const checkSsh2 = (): Finding =>
  nativeCrypto().loaded
    ? found('native ssh2', 'nobody', 'loaded')
    : missing('native ssh2', 'nobody', 'JavaScript stands in', {
        means: 'copies over SSH are slower',
        fault: 'this machine',
        next: 'Install a C++ compiler and make, remove node_modules, and run npm start: it builds them for its own Node.',
      })

/** A program of the path, by what it says of its version. */
export const checkProgram = async (
  name: string,
  args: readonly string[],
  need: Need,
  lack: Omit<Lack, 'fault'>,
): Promise<Finding> => {
  try {
    const { stdout, stderr } = await promisify(execFile)(name, args, { timeout: PROGRAM_MS })
    return found(name, need, (stdout || stderr).split(/[\n,]/)[0]!.slice(0, 60))
  } catch {
    return missing(name, need, 'does not start', { ...lack, fault: 'this machine' })
  }
}

export const checkBusybox = (): Finding => {
  const path = staticBusybox()
  return path === undefined
    ? missing('static busybox', 'provider', 'none in the path', {
        means: 'machines have no programs of their own',
        fault: 'this machine',
        next: 'Debian: apt install busybox-static',
      })
    : found('static busybox', 'provider', path)
}

/** Can be written, and not read by others. Not made here when it is not there yet. */
export const checkDataDir = (dataDir: string): Finding => {
  const name = 'data directory'
  try {
    if (!existsSync(dataDir)) {
      accessSync(firstThere(dataDir), constants.W_OK)
      return found(name, 'all', `${dataDir}: made at the first start`)
    }
    accessSync(dataDir, constants.R_OK | constants.W_OK)
    const mode = statSync(dataDir).mode & 0o777
    return mode & 0o077
      ? missing(name, 'nobody', `${dataDir}: mode ${mode.toString(8)}`, {
          means: 'other users of this machine may look into it',
          fault: 'you',
          next: `chmod 700 '${dataDir}'`,
        })
      : found(name, 'all', `${dataDir}: mode ${mode.toString(8)}`)
  } catch {
    return missing(name, 'all', `${dataDir}: cannot be written`, {
      means: 'a node does not start there',
      fault: 'you',
      next: 'Choose another with --data-dir, or change its owner.',
    })
  }
}
