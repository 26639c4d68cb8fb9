import { createHash, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerHybrid, hasPostQuantum, POST_QUANTUM_KEX } from '../../src/shell/post-quantum.ts'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { openRig, type Rig, run, skipped } from './rig.ts'

/** An OpenSSH of 10 or later: the one that `unpack.sh` put into `.cache`. */
const NEW_SSH = join(import.meta.dirname, '../../.cache/openssh/bin/ssh')
const hasNewSsh = (() => {
  try {
    accessSync(NEW_SSH, constants.X_OK)
    return true
  } catch {
    return process.env['CI'] !== undefined
  }
})()

const raw = (key: ReturnType<typeof createPublicKey>) => key.export({ type: 'spki', format: 'der' }).subarray(-32)
const spki = (bytes: Uint8Array) =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), bytes]),
    format: 'der',
    type: 'spki',
  })

/** The client's half, by another implementation of ML-KEM. */
const client = () => {
  const kem = ml_kem768.keygen()
  const own = generateKeyPairSync('x25519')
  return {
    init: Buffer.concat([kem.publicKey, raw(own.publicKey)]),
    secret: (reply: Uint8Array) =>
      createHash('sha256')
        .update(ml_kem768.decapsulate(reply.subarray(0, 1088), kem.secretKey))
        .update(diffieHellman({ privateKey: own.privateKey, publicKey: spki(reply.subarray(1088)) }))
        .digest(),
  }
}

describe('the post-quantum key exchange', () => {
  it('is there in the Node that the project brings', () => expect(hasPostQuantum()).toBe(true))

  it('ends in the same secret as another implementation, a fresh one each time', () => {
    const secrets = Array.from({ length: 5 }, () => {
      const mine = client()
      const { reply, secret } = answerHybrid(mine.init)
      expect(reply).toHaveLength(1088 + 32)
      expect(mine.secret(reply).equals(secret)).toBe(true)
      return secret.toString('hex')
    })
    expect(new Set(secrets).size).toBe(5)
  })

  it('refuses other lengths, coefficients that are not reduced, and keys of low order', () => {
    const { init } = client()
    const unreduced = Buffer.from(init)
    unreduced.fill(0xff, 0, 384)
    const lowOrder = Buffer.from(init)
    lowOrder.fill(0, 1184)
    for (const bad of [init.subarray(1), Buffer.concat([init, Buffer.of(0)]), Buffer.alloc(0), unreduced, lowOrder])
      expect(() => answerHybrid(bad)).toThrow()
  })
})

/** Just enough of the transport to put bytes in the server's way: names, one KEXINIT, one KEX_ECDH_INIT. */
const packet = (payload: Buffer) => {
  const rest = 8 - ((payload.length + 5) % 8)
  const padding = rest < 4 ? rest + 8 : rest
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + payload.length + padding)
  head[4] = padding
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}
const string = (text: string | Buffer) => {
  const bytes = Buffer.from(text as string)
  const size = Buffer.alloc(4)
  size.writeUInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}
const kexinit = packet(
  Buffer.concat([
    Buffer.of(20),
    Buffer.alloc(16),
    ...[POST_QUANTUM_KEX, 'ssh-ed25519', ...Array(2).fill('aes128-gcm@openssh.com')].map(string),
    ...[...Array(2).fill('hmac-sha2-256'), ...Array(2).fill('none'), '', ''].map(string),
    Buffer.alloc(5),
  ]),
)

describe.skipIf(skipped)('a gateway with the post-quantum key exchange', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await openRig()
  })
  afterAll(() => rig?.close())

  /** What the server answers to this half of a client, until it hangs up or has sent its own half. */
  const answers = (half: Buffer) =>
    new Promise<Buffer>((resolve) => {
      const socket = connect(rig.gateway.port!, '127.0.0.1')
      const all: Buffer[] = []
      const done = () => {
        socket.destroy()
        resolve(Buffer.concat(all))
      }
      socket.on('data', (chunk) => {
        all.push(chunk)
        // Its half is 1,120 bytes and more; its KEXINIT is well below.
        if (Buffer.concat(all).length > 1_500) done()
      })
      socket.on('error', () => {}).once('close', done)
      socket.write(
        Buffer.concat([Buffer.from('SSH-2.0-test\r\n'), kexinit, packet(Buffer.concat([Buffer.of(30), string(half)]))]),
      )
    })

  it('answers a good half, refuses malformed ones, and goes on serving', async () => {
    const good = client().init
    expect((await answers(good)).length).toBeGreaterThan(1_500)
    const unreduced = Buffer.from(good)
    unreduced.fill(0xff, 0, 384)
    for (const bad of [Buffer.alloc(0), good.subarray(0, 32), good.subarray(1), unreduced, Buffer.alloc(30_000)])
      expect((await answers(bad)).length).toBeLessThan(1_500)
    expect((await rig.ssh('exit 5')).code).toBe(5)
  })

  it('falls back for an OpenSSH that has none', async () => {
    const argv = sshCommand(rig.target, ['exit 6'], ['-vv', '-o', 'KexAlgorithms=curve25519-sha256'])
    const { code, err } = await run(argv)
    expect(code).toBe(6)
    expect(err).toContain('kex: algorithm: curve25519-sha256')
  })

  describe.skipIf(!hasNewSsh)(
    `by a new OpenSSH${hasNewSsh ? '' : ' (run test/shell/unpack.sh .cache/openssh)'}`,
    () => {
      const newSsh = (command: readonly string[], options: readonly string[] = []) => [
        NEW_SSH,
        ...sshCommand(rig.target, command, options).slice(1),
      ]

      it('is what they agree on, without a warning', async () => {
        const { code, err } = await run(newSsh(['exit 7'], ['-vv']))
        expect(code).toBe(7)
        expect(err).toContain(`kex: algorithm: ${POST_QUANTUM_KEX}`)
        expect(err).not.toMatch(/\*\* WARNING|post-quantum key exchange algorithm\./)
        expect((await run(newSsh(['exit 8']))).err).toBe('')
      })

      it('does for a client that has no other', async () =>
        expect((await run(newSsh(['exit 9'], ['-o', `KexAlgorithms=${POST_QUANTUM_KEX}`]))).code).toBe(9))

      it('gives new keys in the middle of a transfer', async () => {
        const sent = Buffer.alloc(8_000_000, 'x')
        const { code, out, err } = await run(newSsh(['cat'], ['-v', '-o', 'RekeyLimit=2M']), sent)
        expect(code).toBe(0)
        expect(out.equals(sent)).toBe(true)
        expect(err.match(new RegExp(`kex: algorithm: ${POST_QUANTUM_KEX}`, 'g'))!.length).toBeGreaterThan(3)
      })
    },
  )
})
