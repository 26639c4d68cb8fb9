import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { remotePath, rsyncCommand, scpCommand, sftpCommand } from '../../src/shell/ssh-command.ts'
import { missingClients, openRig, type Rig, run, skipped } from './rig.ts'

/** Everything in a folder: names, modes, contents. */
const tree = (folder: string, links = true): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .flatMap((name) => {
        const path = join(folder, name)
        const stat = lstatSync(path)
        if (stat.isSymbolicLink()) return links ? [[name, `-> ${readlinkSync(path)}`]] : []
        return [
          [name, stat.isDirectory() ? 'folder' : `${(stat.mode & 0o777).toString(8)} ${readFileSync(path, 'base64')}`],
        ]
      }),
  )

describe.skipIf(skipped)(`files through the gateway${missingClients.map((name) => ` (no ${name})`)}`, () => {
  let rig: Rig
  let source: string
  beforeAll(async () => {
    rig = await openRig()
    source = join(rig.folder, 'source')
    mkdirSync(join(source, 'deep/er'), { recursive: true })
    writeFileSync(join(source, 'empty'), '')
    writeFileSync(join(source, 'a name with spaces'), 'text\n')
    writeFileSync(join(source, 'deep/ünï'), 'text\n')
    writeFileSync(join(source, 'deep/er/large'), randomBytes(3_000_000))
    writeFileSync(join(source, 'deep/program'), '#!/bin/sh\n')
    chmodSync(join(source, 'deep/program'), 0o755)
  })
  afterAll(() => rig?.close())

  const ok = async (argv: readonly string[], input?: string) => {
    const { code, err } = await run(argv, input)
    expect({ code, err }).toEqual({ code: 0, err: '' })
  }
  const back = (name: string) => join(rig.folder, name)

  it.each([
    ['legacy', '-O'],
    ['sftp', '-s'],
  ])('scp copies a tree up and down: %s', async (name, option) => {
    await ok(scpCommand(rig.target, [option, '-rpq', source, remotePath(rig.target, name)]))
    expect(tree(join(rig.home, name))).toEqual(tree(source))
    await ok(scpCommand(rig.target, [option, '-rpq', remotePath(rig.target, name), back(name)]))
    expect(tree(back(name))).toEqual(tree(source))
  })

  it('sftp puts, lists and gets', async () => {
    const batch = [
      `put -r "${source}" uploaded`,
      'rename uploaded renamed',
      `get -r renamed "${back('fetched')}"`,
      'bye',
      '',
    ]
    const { code } = await run(sftpCommand(rig.target, ['-q', '-b', '-']), batch.join('\n'))
    expect(code).toBe(0)
    expect(Object.keys(tree(back('fetched')))).toEqual(Object.keys(tree(source)))
    expect(readFileSync(back('fetched/deep/er/large')).equals(readFileSync(join(source, 'deep/er/large')))).toBe(true)
  })

  it('rsync mirrors a tree up and down, with links, and again after a change', async () => {
    symlinkSync('deep/program', join(source, 'link'))
    const remote = remotePath(rig.target, 'mirror/')
    await ok(rsyncCommand(rig.target, ['-a', '--delete', `${source}/`, remote]))
    expect(tree(join(rig.home, 'mirror'))).toEqual(tree(source))
    // Of another size: rsync takes a file of the same size, changed in the same second, for the same file.
    writeFileSync(join(source, 'deep/er/large'), randomBytes(3_000_001))
    await ok(rsyncCommand(rig.target, ['-a', '--delete', `${source}/`, remote]))
    await ok(rsyncCommand(rig.target, ['-a', remote, `${back('mirror')}/`]))
    expect(tree(back('mirror'))).toEqual(tree(source))
  })
})
