import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeBusyboxTree } from '../../src/machine/busybox-image.ts'
import { loaderOf } from '../../src/machine/elf.ts'
import { buildToolbox, staticBusybox } from '../../src/machine/toolbox.ts'

const noBusybox = staticBusybox() === undefined && !process.env['CI']
let base: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'zennet-toolbox-'))
})
afterEach(() => rm(base, { recursive: true, force: true }))

describe('an ELF file', () => {
  it('names its loader', () => expect(loaderOf(process.execPath)).toMatch(/^\/.*ld-/))
  it('is not everything', () => expect(loaderOf(import.meta.filename)).toBeUndefined())
})

describe.skipIf(noBusybox)('the toolbox (needs busybox-static)', () => {
  it('is built once, also by two at once', async () => {
    const [one, two] = await Promise.all([buildToolbox(base), buildToolbox(base)])
    expect(two).toEqual(one)
    expect(await buildToolbox(base)).toEqual(one)
    expect(readdirSync(base)).toHaveLength(1)
    expect(existsSync(join(one.folder, 'bin/sh'))).toBe(true)
  })
  it('carries each program with the libraries that it needs', async () => {
    const { folder, missing } = await buildToolbox(base)
    for (const name of ['sftp-server', 'rsync', 'scp', 'setpriv'].filter((one) => !missing.includes(one))) {
      const listed = execFileSync(
        join(folder, 'lib/loader'),
        ['--library-path', join(folder, 'lib'), '--list', join(folder, 'libexec', name)],
        { encoding: 'utf8' },
      )
      expect(listed).not.toContain('not found')
      const outside = [...listed.matchAll(/=> (\/\S+)/g)]
        .map((match) => match[1]!)
        .filter((at) => !at.startsWith(folder))
      expect(outside).toEqual([])
    }
  })
})

describe.skipIf(noBusybox)('the busybox tree (needs busybox-static)', () => {
  it('has a binary that is not overwritten by its links', async () => {
    await Promise.all([makeBusyboxTree(join(base, 'tree')), makeBusyboxTree(join(base, 'tree'))])
    expect(lstatSync(join(base, 'tree/bin/busybox')).isFile()).toBe(true)
    expect(lstatSync(join(base, 'tree/bin/sh')).isSymbolicLink()).toBe(true)
    expect(readdirSync(base)).toEqual(['tree'])
  })
})
