import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ShellReader } from '../../src/shell/port.ts'
import { openShellReader } from '../../src/shell/reader.ts'
import { leaseId, openRig, type Rig, user } from './rig.ts'

const LIMIT_MS = 3_000
const seedOf = (id: string) => Buffer.alloc(32, id)
const unread = expect.objectContaining({ code: 'shell.unread' })

describe.skipIf(process.platform !== 'linux')('reading in a machine over its shell', { timeout: 60_000 }, () => {
  let rig: Rig
  let reader: ShellReader
  let logins: string[]
  beforeAll(async () => {
    logins = []
    const book = {
      opened: (_: string, { key }: { key: string }) => `${logins.push(key)}`,
      closed: () => {},
      refused: () => {},
      ended: () => {},
    }
    rig = await openRig({ logins: book })
    reader = openShellReader(seedOf, LIMIT_MS)
    const key = reader.publicKey(leaseId)
    rig.gateway.grant({ leaseId, user, authorizedKeys: [rig.identity.publicKey, key] })
  })
  afterAll(async () => {
    reader.leave(leaseId)
    await rig.close()
  })
  const at = () => ({ port: rig.address.port, user, hostKey: rig.gateway.hostKey })
  const read = (command: string) => reader.run(leaseId, at(), command)

  it('has a key of its own for each lease, the same after a restart', () => {
    const key = reader.publicKey(leaseId)
    expect(key).toMatch(/^ssh-ed25519 \S{68} zennet-meter$/)
    expect(openShellReader(seedOf).publicKey(leaseId)).toBe(key)
    expect(reader.publicKey('ff'.repeat(16))).not.toBe(key)
  })

  it('gives what a command printed, again and again over one connection', async () => {
    for (let i = 0; i < 12; i++) expect(await read(`echo ${i}; echo no >&2`)).toBe(`${i}\n`)
    expect(logins).toHaveLength(1)
  })

  it('comes back after its connection was ended', async () => {
    reader.leave(leaseId)
    expect(await read('echo again')).toBe('again\n')
    expect(logins).toHaveLength(2)
  })

  it('waits for nobody, takes no flood, and leaves nothing running', async () => {
    await expect(read('sleep 600')).rejects.toEqual(unread)
    await expect(read('while :; do echo more than it takes; done')).rejects.toEqual(unread)
    await expect.poll(() => rig.left(), { timeout: 30_000 }).toBe(0)
    expect(await read('echo still')).toBe('still\n')
  })

  it('does not speak to who has another host key, nor where nobody is', async () => {
    const other = openShellReader(seedOf, LIMIT_MS)
    const hostKey = reader.publicKey('another host').split(' ', 2).join(' ')
    await expect(other.run(leaseId, { ...at(), hostKey }, 'true')).rejects.toEqual(unread)
    await expect(other.run(leaseId, { ...at(), port: 1 }, 'true')).rejects.toEqual(unread)
    await expect(openShellReader(() => Buffer.alloc(32, 9)).run(leaseId, at(), 'true')).rejects.toEqual(unread)
  })
})
