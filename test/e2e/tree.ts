import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files of some kinds and sizes. */
export const plantTree = (folder: string): void => {
  mkdirSync(join(folder, 'deep/er'), { recursive: true })
  writeFileSync(join(folder, 'empty'), '')
  writeFileSync(join(folder, 'a name with spaces'), 'text\n')
  writeFileSync(join(folder, 'deep/er/large'), randomBytes(2_000_000))
  writeFileSync(join(folder, 'deep/program'), '#!/bin/sh\n', { mode: 0o755 })
}

/** Everything in a folder: names, modes, contents. */
export const treeOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const path = join(folder, name)
        const stat = lstatSync(path)
        const content = stat.isDirectory() ? 'folder' : readFileSync(path, 'base64')
        return [name, `${(stat.mode & 0o777).toString(8)} ${content}`]
      }),
  )
