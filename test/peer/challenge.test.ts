import { afterEach, describe, expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { nobleCurve as curve } from '../../src/curve/noble.ts'
import { type ChallengeOptions, challenge } from '../../src/peer/challenge.ts'
import { memoryLinks } from '../../src/peer/memory.ts'
import { noisePeers } from '../../src/peer/noise.ts'
import type { Link } from '../../src/peer/port.ts'
import { systemRandom as random } from '../../src/random/system.ts'
import { pair } from '../contracts/peer.ts'

const identity = (first: number) => {
  const secret = new Uint8Array(32).fill(7).fill(first, 0, 1)
  return { secret, publicKey: curve.publicKey(secret) }
}
const [alice, bob, mallory] = [identity(1), identity(2), identity(3)]
const SUBJECT = `${'ab'.repeat(32)}:0`
const common = { network: 'regtest', curve, random, timeoutMs: 30_000 }
const provider: ChallengeOptions = { ...common, role: 'provider', identity: bob, subject: SUBJECT }
const publisher: ChallengeOptions = { ...common, role: 'publisher', identity: alice }

const links: Link[] = []
afterEach(() => {
  for (const link of links.splice(0)) link.close()
})
const connected = (): [Link, Link] => {
  const both = memoryLinks(random)
  links.push(...both)
  return both
}

/** Runs both sides and gives both outcomes: the code of the fault, or the result. */
const meet = async (near: ChallengeOptions, far: ChallengeOptions, [a, b] = connected()) => {
  const outcomes = await Promise.allSettled([challenge(a, near), challenge(b, far)])
  return outcomes.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as { code: string }).code))
}

/** Answers a challenge by hand, so that it can lie. */
const hello = (changes: object = {}) => ({
  type: 'challenge.hello',
  version: 1,
  role: 'provider',
  key: toHex(mallory.publicKey),
  network: 'regtest',
  nonce: '5a'.repeat(32),
  subject: SUBJECT,
  ...changes,
})

describe('the challenge', () => {
  it('proves each key to the other', async () => {
    expect(await meet({ ...provider, expectedKey: alice.publicKey }, publisher)).toEqual([
      { peerKey: alice.publicKey, peerRole: 'publisher', subject: SUBJECT },
      { peerKey: bob.publicKey, peerRole: 'provider', subject: SUBJECT },
    ])
  })

  it('works with keys of either parity', async () => {
    const byParity = new Map<number, ReturnType<typeof identity>>()
    for (let first = 1; byParity.size < 2; first += 1) byParity.set(identity(first).publicKey[0]!, identity(first))
    for (const key of byParity.values()) {
      const other = identity(200)
      const [, seen] = await meet({ ...provider, identity: key }, { ...publisher, identity: other })
      expect(seen).toMatchObject({ peerKey: key.publicKey })
    }
  })

  it('works over the encrypted stream, which then goes on', async () => {
    const { dialled, accepted, listener } = await pair(noisePeers())
    links.push(dialled, accepted)
    const outcomes = await meet(provider, publisher, [dialled, accepted])
    expect(outcomes[1]).toMatchObject({ peerKey: bob.publicKey })
    await dialled.send('next')
    expect(await accepted.receive()).toBe('next')
    await listener.close()
  })

  it.each<[string, ChallengeOptions, ChallengeOptions]>([
    ['challenge.network', provider, { ...publisher, network: 'xencoin-dev' }],
    ['challenge.role', provider, { ...publisher, role: 'provider' }],
    ['challenge.same-key', provider, { ...publisher, identity: bob }],
    ['challenge.wrong-key', { ...provider, expectedKey: mallory.publicKey }, publisher],
    ['challenge.subject', provider, { ...publisher, subject: 'another' }],
    ['challenge.subject', provider, { ...publisher, acceptSubject: () => false }],
  ])('refuses with %s, and both sides hear it', async (code, near, far) => {
    expect(await meet(near, far)).toEqual([code, code])
  })

  it('tells the end that did not dial who asks about what', async () => {
    const asked: unknown[] = []
    await meet(provider, { ...publisher, acceptSubject: (...all) => asked.push(all) > 0 })
    expect(asked).toEqual([[SUBJECT, { key: bob.publicKey, role: 'provider' }]])
  })

  it('closes the link of a peer that failed', async () => {
    const [near, far] = connected()
    await meet(provider, { ...publisher, network: 'other' }, [near, far])
    await Promise.all([near.closed, far.closed])
  })

  it.each([
    ['challenge.version', hello({ version: 2 })],
    ['challenge.malformed', hello({ version: 'one' })],
    ['challenge.malformed', hello({ extra: true })],
    ['challenge.malformed', hello({ key: '04'.repeat(33) })],
    ['challenge.malformed', hello({ subject: 'x'.repeat(201) })],
    ['challenge.malformed', { type: 'lease.offer' }],
    ['challenge.malformed', null],
    ['challenge.bad-signature', hello()],
    ['challenge.bad-signature', hello({ key: `02${'ff'.repeat(32)}` })],
  ])('answers %s to a peer that lies (%#)', async (code, message) => {
    const [liar, honest] = connected()
    await liar.send(message)
    await liar.send({ type: 'challenge.proof', signature: '11'.repeat(64) })
    await expect(challenge(honest, publisher)).rejects.toMatchObject({ code })
  })

  it('does not wait for ever', async () => {
    const [, honest] = connected()
    await expect(challenge(honest, { ...publisher, timeoutMs: 1 })).rejects.toMatchObject({ code: 'peer.timeout' })
  })

  it('cannot be passed on by a relay in the middle', async () => {
    const [bobsEnd, relayToBob] = connected()
    const [relayToAlice, alicesEnd] = connected()
    const pass = async (from: Link, to: Link) => {
      for (;;) await to.send(await from.receive())
    }
    void pass(relayToBob, relayToAlice).catch(() => {})
    void pass(relayToAlice, relayToBob).catch(() => {})
    const outcomes = await meet({ ...provider, expectedKey: alice.publicKey }, publisher, [bobsEnd, alicesEnd])
    expect(outcomes).toEqual(['challenge.bad-signature', 'challenge.bad-signature'])
  })

  it('cannot be answered with a proof from before', async () => {
    const [tapped, honest] = connected()
    const said: unknown[] = []
    const spied: Link = Object.assign(Object.create(tapped) as Link, {
      initiator: true,
      handshake: tapped.handshake,
      remote: tapped.remote,
      send: (message: unknown) => {
        said.push(message)
        return tapped.send(message)
      },
      receive: tapped.receive.bind(tapped),
      close: () => {},
    })
    await meet(provider, publisher, [spied, honest])
    expect(said).toHaveLength(2)
    // On another connection, and, were even the handshake the same, for another nonce.
    const again = connected()
    const sameHandshake: Link = Object.assign(Object.create(again[1]) as Link, {
      initiator: false,
      handshake: tapped.handshake,
      remote: again[1].remote,
      send: again[1].send.bind(again[1]),
      receive: again[1].receive.bind(again[1]),
      close: () => {},
    })
    for (const message of said) await again[0].send(message)
    await expect(challenge(sameHandshake, publisher)).rejects.toMatchObject({ code: 'challenge.bad-signature' })
    const fresh = connected()
    for (const message of said) await fresh[0].send(message)
    await expect(challenge(fresh[1], publisher)).rejects.toMatchObject({ code: 'challenge.bad-signature' })
  })

  it('cannot be answered with its own words', async () => {
    const [mirror, honest] = connected()
    const outcome = challenge(honest, { ...publisher, role: 'observer' }).catch((fault: { code: string }) => fault.code)
    // The mirror dialled, so it speaks first: it names the key that it wants to be taken for.
    await mirror.send(hello({ key: toHex(alice.publicKey) }))
    expect(await outcome).toBe('challenge.same-key')
  })

  it('cannot be answered with the other side’s own signature', async () => {
    const [mirror, honest] = connected()
    const outcome = challenge(honest, publisher).catch((fault: { code: string }) => fault.code)
    await mirror.send(hello())
    await mirror.receive()
    await mirror.send(await mirror.receive())
    expect(await outcome).toBe('challenge.bad-signature')
  })
})
