import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))

/**
 * A package of the peers beside this file, which are installed here the first time that a comparison asks for one; nothing else ever
 * does. emmett-sqlite names a release of emmett that is not there, hence `--legacy-peer-deps`.
 */
export const peer = async (name: string): Promise<unknown> => {
  if (!existsSync(`${folder}node_modules`)) {
    console.error('installing the peers …')
    const options = ['ci', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error']
    execFileSync('npm', options, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return import(name)
}
