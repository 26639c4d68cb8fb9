import { toHex } from '../../domain/bytes.ts'
import { encodeTransaction } from '../../domain/chain/codec.ts'
import { fundingOutput } from '../../domain/channel/script.ts'
import { voucherSigner } from '../../domain/channel/transaction.ts'
import { isRefusal } from '../../domain/fact.ts'
import { shellUser } from '../../domain/ids.ts'
import { dueSats } from '../../domain/lease/legs.ts'
import { type Terms, termsHash } from '../../domain/terms.ts'
import { NO_USAGE } from '../../domain/usage.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import type { Message, MessageOf } from '../../src/lease/messages.ts'
import { channelParams, type Party, signTerms } from '../../src/lease/party.ts'
import { parseSubject } from '../../src/lease/subject.ts'
import { challenge } from '../../src/peer/challenge.ts'
import type { Link } from '../../src/peer/port.ts'
import { systemRandom } from '../../src/random/system.ts'
import type { Keys } from '../../src/wallet/keys.ts'
import { fakeGateway } from './fake-gateway.ts'
import { BODY, ENDPOINT, PRICE, type Rig } from './rig.ts'

const WAIT_MS = 40_000

/** One end of a session, played by a test: it says what it wants, in whatever order. */
export class Script {
  readonly link: Link
  constructor(link: Link) {
    this.link = link
  }
  send(message: unknown): Promise<void> {
    return this.link.send(message)
  }
  /** The next message of a type; others are skipped. */
  async until<T extends Message['type']>(type: T, fits: (message: MessageOf<T>) => boolean = () => true) {
    for (;;) {
      const message = (await this.link.receive({ timeoutMs: WAIT_MS })) as Message
      if (message.type === type && fits(message as MessageOf<T>)) return message as MessageOf<T>
    }
  }
  /** Reads on until the other end hangs up. @returns the types that came */
  async rest(): Promise<string[]> {
    const types: string[] = []
    try {
      for (;;) types.push(((await this.link.receive({ timeoutMs: WAIT_MS })) as Message).type)
    } catch {
      return types
    }
  }
  close(): void {
    this.link.close()
  }
}

const partyOf = (keys: Keys) => ({ curve: nativeCurve, keys, random: systemRandom }) as unknown as Party

/** Dials the rig's publisher as a provider with these keys. */
export const dialPublisher = async (rig: Rig, keys: Keys, leaseId: string, outpoint: string): Promise<Script> => {
  const link = await rig.peers.dial(ENDPOINT)
  await challenge(link, {
    role: 'provider',
    identity: keys.identity,
    network: rig.node.network.name,
    subject: `lease:${leaseId}:${outpoint}`,
    curve: nativeCurve,
    random: systemRandom,
  })
  return new Script(link)
}

/** Terms as an honest provider would offer them. */
export const termsFor = (
  rig: Rig,
  keys: Keys,
  leaseId: string,
  announcement: string,
  wish: MessageOf<'wish'>,
): Terms => ({
  version: 1,
  leaseId,
  network: rig.node.network.name,
  announcement,
  publisherKey: rig.publisher.key,
  providerKey: toHex(keys.identity.publicKey),
  image: BODY.image,
  resources: BODY.resources,
  isolation: 'none',
  machineNetwork: 'none',
  price: PRICE,
  caps: { ioBytesPerS: 1n << 30n, netBytesPerS: 1n << 30n },
  ...(wish.inside && { inside: wish.inside }),
  tickMs: wish.tickMs,
  graceTicks: 10,
  reconnectMs: 1_000,
  unconfirmedTicks: 100,
  maxDurationMs: BODY.maxDurationMs,
  dataGraceMs: wish.dataGraceMs,
  shell: { user: shellUser(leaseId), authorizedKeys: wish.authorizedKeys, hostKey: fakeGateway().hostKey },
  channel: {
    publisherKey: wish.channelKey,
    providerKey: toHex(keys.channel(0).publicKey),
    capacitySats: wish.capacitySats,
    expiryHeight: wish.expiryHeight,
    publisherScript: wish.channelScript,
    providerScript: toHex(keys.receive(0).script),
  },
})

export const HARDWARE = { cpuModel: 'a script', cores: 1, memoryBytes: 1, marks: {} }

export type ProviderScript = {
  readonly script: Script
  readonly terms: Terms
  readonly leaseId: string
  readonly keys: Keys
}

export const freshLeaseId = (): string => toHex(systemRandom.bytes(16))

/** Plays an honest provider up to the offer. */
export const offerTo = async (
  rig: Rig,
  keys: Keys,
  txid: string,
  change: (terms: Terms) => Terms = (terms) => terms,
) => {
  const [leaseId, outpoint] = [freshLeaseId(), `${txid}:1`]
  const script = await dialPublisher(rig, keys, leaseId, outpoint)
  const terms = change(termsFor(rig, keys, leaseId, outpoint, await script.until('wish')))
  await script.send({ type: 'offer', terms, hardware: HARDWARE, final: false })
  return { script, terms, leaseId, keys }
}

export const agreeTo = async ({ script, terms, keys }: ProviderScript, signed = terms): Promise<void> => {
  await script.until('agree')
  await script.send({ type: 'agree', termsHash: termsHash(signed), signature: signTerms(partyOf(keys), signed) })
}

/** Plays an honest provider up to its first tick: agreed, ready, and paid one tick ahead. */
export const servedTo = async (rig: Rig, keys: Keys, txid: string, change?: (terms: Terms) => Terms) => {
  const played = await offerTo(rig, keys, txid, change)
  await agreeTo(played)
  const { user, hostKey } = played.terms.shell
  await played.script.send({ type: 'ready', shell: { user, hostKey } })
  const funded = await played.script.until('funded')
  return { ...played, funded }
}

/** The publisher's end, played by a test with the publisher's own keys: `act` gets each session about a lease. */
export const actAsPublisher = async (
  rig: Rig,
  act: (
    script: Script,
    lease: { readonly leaseId: string; readonly outpoint: string; readonly session: number },
  ) => Promise<void>,
  options: { readonly body?: unknown; readonly keys?: Keys } = {},
): Promise<void> => {
  let [session, links] = [0, 0]
  await rig.peers.listen(ENDPOINT, (link) => {
    const answer = async () => {
      let wanted = ''
      // The body comes from the author, in the first session; whoever is played then may be another.
      const { identity } = links++ > 0 && options.keys ? options.keys : rig.publisher.keys
      await challenge(link, {
        role: 'publisher',
        identity,
        network: rig.node.network.name,
        acceptSubject: (subject) => {
          wanted = subject
          return true
        },
        curve: nativeCurve,
        random: systemRandom,
      })
      const subject = parseSubject(wanted)
      const script = new Script(link)
      if (subject?.kind === 'body') await script.send({ type: 'body', body: options.body ?? BODY })
      if (subject?.kind === 'lease') await act(script, { ...subject, session: session++ })
      link.close()
    }
    answer().catch(() => link.close())
  })
}

/** Plays an honest publisher up to its signature. */
export const rentFrom = async (
  rig: Rig,
  script: Script,
  leaseId: string,
  wish: Partial<MessageOf<'wish'>> = {},
): Promise<Terms> => {
  const { wallet } = rig.publisher.life
  const { height } = await rig.node.tip()
  await script.send({
    type: 'wish',
    channelKey: toHex((await wallet.channelKey(leaseId)).publicKey),
    channelScript: toHex(await wallet.receiveScript()),
    authorizedKeys: [fakeGateway().hostKey],
    capacitySats: 1_000_000n,
    expiryHeight: height + 300,
    tickMs: 100,
    dataGraceMs: 0,
    ...wish,
  })
  return (await script.until('offer')).terms
}

export const agreeFrom = async (rig: Rig, script: Script, terms: Terms): Promise<void> => {
  const signature = signTerms(partyOf(rig.publisher.keys), terms)
  await script.send({ type: 'agree', termsHash: termsHash(terms), signature })
  await script.until('agree')
}

/** Funds the channel as an honest publisher does. @returns what signs further vouchers */
export const fundFrom = async (rig: Rig, script: Script, terms: Terms) => {
  await script.until('ready')
  const { wallet } = rig.publisher.life
  const params = channelParams(terms)
  const output = fundingOutput(params)
  const sent = await wallet.pay({ outputs: [output], purpose: 'funding', reference: `funding-${terms.leaseId}` })
  if (isRefusal(sent)) throw new Error(sent.why)
  const vout = sent.tx.outputs.findIndex(({ value }) => value === terms.channel.capacitySats)
  const { secret } = await wallet.channelKey(terms.leaseId)
  const signer = voucherSigner(params, { txid: sent.txid, vout }, nativeCurve)
  const sign = (paid: bigint): string => toHex(signer(paid, secret))
  const paid = dueSats(terms, NO_USAGE)
  await script.send({ type: 'funded', raw: toHex(encodeTransaction(sent.tx)), vout, paid, signature: sign(paid) })
  return { sign, paid, terms }
}

/** The whole way of an honest publisher up to the first tick. */
export const paidFrom = async (rig: Rig, script: Script, leaseId: string, wish?: Partial<MessageOf<'wish'>>) => {
  const terms = await rentFrom(rig, script, leaseId, wish)
  await agreeFrom(rig, script, terms)
  return await fundFrom(rig, script, terms)
}
