import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../src/random/system.ts'
import { createKeystore, openKeystore, revealMnemonic } from '../../src/wallet/keystore.ts'
import { LIGHT_KDF } from '../../src/wallet/seal.ts'

const LIMIT_MS = 60_000
const network = { coinType: 1 }
const MNEMONIC = `${'abandon '.repeat(23)}art`

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-keystore-'))
  path = join(folder, 'keys', 'wallet.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const create = (options: { password?: string; mnemonic?: string; path?: string; gap?: number } = {}) =>
  createKeystore({ path, password: 'correct horse', random: systemRandom, kdf: LIGHT_KDF, ...options })

describe('keystore', () => {
  it('opens with the keys of the words it was made with', async () => {
    const { mnemonic } = await create()
    expect(mnemonic.split(' ')).toHaveLength(24)
    const keys = await openKeystore({ path, password: 'correct horse', network })
    expect(await revealMnemonic({ path, password: 'correct horse' })).toBe(mnemonic)

    const again = join(folder, 'again.json')
    await create({ path: again, mnemonic: `  ${mnemonic.toUpperCase()}\n`, password: 'another' })
    const restored = await openKeystore({ path: again, password: 'another', network })
    expect(restored.identity.publicKey).toEqual(keys.identity.publicKey)
    expect(restored.receive(3)).toEqual(keys.receive(3))
  })

  it('says how far beyond the last used key to look, where its maker said so', async () => {
    await create()
    expect((await openKeystore({ path, password: 'correct horse', network })).gap).toBeUndefined()
    const wide = join(folder, 'wide.json')
    await create({ path: wide, gap: 200 })
    expect((await openKeystore({ path: wide, password: 'correct horse', network })).gap).toBe(200)
    await writeFile(wide, (await readFile(wide, 'utf8')).replace('"gap": 200', '"gap": 1000000'))
    await expect(openKeystore({ path: wide, password: 'correct horse', network })).rejects.toMatchObject({
      code: 'wallet.bad-file',
    })
  })

  it('refuses a wrong password, as the fault of who typed it', async () => {
    await create()
    for (const password of ['', 'correct horse ', 'x'])
      await expect(openKeystore({ path, password, network })).rejects.toMatchObject({
        code: 'wallet.wrong-password',
        culprit: 'you',
      })
  })

  it('opens with the same characters in another Unicode form', async () => {
    await create({ password: 'caf\u00e9' })
    await openKeystore({ path, password: 'cafe\u0301', network })
  })

  it('is private, and leaves no other file behind', async () => {
    await create()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(folder, 'keys'))).toEqual(['wallet.json'])
    expect(await readFile(path, 'utf8')).not.toContain('abandon')
  })

  it('never replaces a keystore, not even when two are made at once', async () => {
    const made = await Promise.allSettled([1, 2, 3, 4].map(() => create()))
    const winners = made.filter((each) => each.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    for (const each of made) if (each.status === 'rejected') expect(each.reason.code).toBe('wallet.exists')
    expect(await revealMnemonic({ path, password: 'correct horse' })).toBe(winners[0]!.value.mnemonic)
  })

  it('refuses garbage, files cut short, and newer versions', async () => {
    await create()
    const good = await readFile(path, 'utf8')
    const greedy = good.replace(/"memoryBytes": \d+/, '"memoryBytes": 9007199254740991')
    const bad = [
      '',
      'garbage',
      '{}',
      'null',
      good.replace('"version": 1', '"version": 2'),
      greedy,
      good + ' '.repeat(20_000),
    ]
    for (const text of bad) {
      await writeFile(path, text)
      await expect(openKeystore({ path, password: 'correct horse', network })).rejects.toMatchObject({
        code: 'wallet.bad-file',
        culprit: 'you',
      })
    }
    await writeFile(path, good)
    await truncate(path, good.length - 10)
    await expect(openKeystore({ path, password: 'x', network })).rejects.toMatchObject({ code: 'wallet.bad-file' })
  })

  it('with an empty password opens only while nobody else may read it', async () => {
    await createKeystore({ path, password: '', random: systemRandom })
    await openKeystore({ path, password: '', network })
    await chmod(path, 0o644)
    await expect(openKeystore({ path, password: '', network })).rejects.toMatchObject({ code: 'wallet.open-to-others' })
  })

  it('says when there is none, and refuses words that are not 24 of BIP 39', async () => {
    await expect(openKeystore({ path, password: '', network })).rejects.toMatchObject({ code: 'wallet.no-keystore' })
    const short = `${'abandon '.repeat(11)}about`
    for (const mnemonic of ['', 'hello world', short, MNEMONIC.replace('art', 'zoo')])
      await expect(create({ mnemonic })).rejects.toMatchObject({ code: 'wallet.bad-mnemonic' })
  })

  it(
    'costs libsodium’s moderate work unless told otherwise',
    async () => {
      await createKeystore({ path, password: 'p', random: systemRandom })
      expect(JSON.parse(await readFile(path, 'utf8')).kdf).toMatchObject({ passes: 3, memoryBytes: 268_435_456 })
      await openKeystore({ path, password: 'p', network })
    },
    LIMIT_MS,
  )
})
