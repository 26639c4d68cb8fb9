import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nativeCrypto } from '../../src/shell/native.ts'
import { generateOpenSshKey } from '../../src/shell/openssh-key.ts'
import { createIdentity, pinHost, type ShellAddress, sshCommand } from '../../src/shell/ssh-command.ts'
import { missingClients, openRig, type Rig, run, skipped } from './rig.ts'

describe.skipIf(skipped)(`what the client is called with${missingClients.map((name) => ` (no ${name})`)}`, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await openRig()
  })
  afterAll(() => rig?.close())

  it('keeps the identity for its owner', async () => {
    const { file } = await createIdentity(join(rig.folder, 'new'))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(rig.folder, 'new')).mode & 0o777).toBe(0o700)
  })

  it('works in folders with spaces and percent signs', async () => {
    const folder = join(rig.folder, `50% of %h it's`)
    const identity = await createIdentity(folder)
    rig.gateway.grant({ leaseId: 'second', user: 'lease-second', authorizedKeys: [identity.publicKey] })
    const target = await pinHost(folder, { ...rig.address, user: 'lease-second' }, identity.file)
    // 69: let in; there is no machine behind.
    expect((await run(sshCommand(target, ['true']))).code).toBe(69)
    rig.gateway.revoke('second')
  })

  it('does not talk to a host with another key', async () => {
    const other = { ...rig.address, hostKey: generateOpenSshKey('x').publicKey }
    const target = await pinHost(join(rig.folder, 'other'), other, rig.identity.file)
    const { code, out } = await run(sshCommand(target, ['echo in']))
    expect({ code, out: out.toString() }).toEqual({ code: 255, out: '' })
  })

  it('refuses a key that is not the agreed one, and what ssh could take for something else', async () => {
    const refused = (change: Partial<ShellAddress>) =>
      pinHost(rig.folder, { ...rig.address, ...change }, rig.identity.file)
    const hostKey = generateOpenSshKey('x').publicKey
    await expect(refused({ hostKey, hostKeyFingerprint: rig.gateway.hostKeyFingerprint })).rejects.toMatchObject({
      code: 'shell.host-key-changed',
    })
    const bad: Partial<ShellAddress>[] = [
      { hostKey: `${hostKey}\n* ${hostKey}` },
      { hostKey: 'ssh-ed25519 AAAA' },
      { user: '-oProxyCommand=x' },
      { user: 'a@b' },
      { host: '-x' },
      { host: 'a b' },
      { host: 'a\nb' },
      { port: 0 },
      { port: 70_000 },
      { port: 1.5 },
    ]
    for (const change of bad) await expect(refused(change)).rejects.toMatchObject({ code: 'shell.bad-address' })
  })

  it('tells whether ssh2 has its native addon', () => {
    const native = nativeCrypto()
    expect(native.loaded ? 'loaded' : native.why).toMatch(/^(loaded|missing|other-node)$/)
  })
})
