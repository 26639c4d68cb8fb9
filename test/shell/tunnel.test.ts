import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { duplexPair } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { pinHost, sshCommand } from '../../src/shell/ssh-command.ts'
import { type LocalPort, type LocalPortOptions, openLocalPort } from '../../src/shell/tunnel.ts'
import { missingClients, openRig, run, skipped } from './rig.ts'

describe('a local port that is joined to streams', () => {
  let local: LocalPort
  const open = async (connectTo: LocalPortOptions['connect']) => {
    local = await openLocalPort({ host: '127.0.0.1', port: 0, connect: connectTo })
    return connect({ host: '127.0.0.1', port: local.port, allowHalfOpen: true })
  }
  afterEach(() => local.close())

  it('passes the end of each direction on alone', async () => {
    const [near, far] = duplexPair()
    const client = await open(async () => near)
    client.end('question')
    expect((await buffer(far)).toString()).toBe('question')
    far.end('answer')
    expect((await buffer(client)).toString()).toBe('answer')
  })

  it('counts what went through it, also while it goes', async () => {
    const pairs = [duplexPair(), duplexPair()]
    let next = 0
    const first = await open(async () => pairs[next++]![0])
    first.write('12345')
    await new Promise((resolve) => pairs[0]![1].once('readable', resolve))
    expect(local.traffic()).toEqual({ rxBytes: 5n, txBytes: 0n })
    first.end()
    pairs[0]![1].end('123')
    expect((await buffer(first)).toString()).toBe('123')
    const second = connect({ host: '127.0.0.1', port: local.port })
    second.end('1234567')
    expect((await buffer(pairs[1]![1])).toString()).toBe('1234567')
    pairs[1]![1].end()
    await buffer(second)
    expect(local.traffic()).toEqual({ rxBytes: 12n, txBytes: 3n })
  })

  it('waits for the slower side', async () => {
    const [near, far] = duplexPair()
    const client = await open(async () => near)
    const sent = randomBytes(8_000_000)
    let taken = false
    client.end(sent, () => {
      taken = true
    })
    far.pause()
    await new Promise((resolve) => far.once('readable', resolve))
    // What nobody reads is not taken from the client: it stays with the kernel and the client.
    expect(near.writableLength + far.readableLength).toBeLessThan(1_000_000)
    expect(taken).toBe(false)
    expect((await buffer(far)).equals(sent)).toBe(true)
  })

  it('closes a connection that has no other end', async () => {
    const client = await open(() => Promise.reject(new Error('nobody')))
    client.resume().on('error', () => {})
    await new Promise((resolve) => client.once('close', resolve).once('end', () => client.end()))
  })

  it('ends both when either fails', async () => {
    const [near, far] = duplexPair()
    const client = await open(async () => near)
    client.resume().on('error', () => {})
    const closed = new Promise((resolve) => client.once('close', resolve).once('end', () => client.end()))
    client.write('x')
    await new Promise((resolve) => far.once('readable', resolve))
    near.destroy(new Error('broken'))
    await closed
  })

  it('ends the stream when its client is gone, and takes no port twice', async () => {
    const [near] = duplexPair()
    let opened = () => {}
    const open1 = new Promise<void>((resolve) => {
      opened = resolve
    })
    const client = await open(async () => {
      opened()
      return near
    })
    await open1
    const closed = new Promise((resolve) => near.once('close', resolve))
    client.on('error', () => {}).resetAndDestroy()
    await closed
    const again = openLocalPort({ host: '127.0.0.1', port: local.port, connect: async () => near })
    await expect(again).rejects.toMatchObject({ code: 'shell.port-taken' })
  })

  it.skipIf(skipped)(`carries SSH to a gateway${missingClients.map((name) => ` (no ${name})`)}`, async () => {
    const rig = await openRig()
    try {
      const client = await open(async () => {
        const [near, far] = duplexPair()
        rig.gateway.serve(far)
        return near
      })
      client.on('error', () => {}).destroy()
      const target = await pinHost(rig.folder, { ...rig.address, port: local.port }, rig.identity.file)
      const sent = randomBytes(5_000_000)
      const { code, out } = await run(sshCommand(target, ['cat; exit 12']), sent)
      expect(code).toBe(12)
      expect(out.equals(sent)).toBe(true)
    } finally {
      await rig.close()
    }
  })
})
