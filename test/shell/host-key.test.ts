import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadHostKey } from '../../src/shell/host-key.ts'
import { run, skipped } from './rig.ts'

describe('the host key', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zennet-host-key-'))
    file = join(folder, 'shell/host-key')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is made once, for its owner only, whoever asks first', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => loadHostKey(file)))
    expect(new Set(made.map((key) => key.privateKey)).size).toBe(1)
    expect(await loadHostKey(file)).toEqual(made[0])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'shell'))).toEqual(['host-key'])
  })

  it.skipIf(skipped)('reads the same in ssh-keygen', async () => {
    const { publicKey, fingerprint } = await loadHostKey(file)
    expect((await run(['ssh-keygen', '-lf', file])).out.toString().split(' ').slice(0, 2)).toEqual(['256', fingerprint])
    expect((await run(['ssh-keygen', '-y', '-f', file])).out.toString().trim()).toBe(`${publicKey} zennet`)
  })

  it('refuses a file that others may read, and what is no such key', async () => {
    await loadHostKey(file)
    chmodSync(file, 0o644)
    await expect(loadHostKey(file)).rejects.toMatchObject({ code: 'shell.host-key-exposed' })
    writeFileSync(file, 'rubbish')
    chmodSync(file, 0o600)
    await expect(loadHostKey(file)).rejects.toMatchObject({ code: 'shell.bad-host-key' })
  })
})
