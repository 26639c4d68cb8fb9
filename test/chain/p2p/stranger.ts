import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Message } from '../../../domain/chain/wire/message.ts'
import { NET } from '../../../domain/chain/wire/net-address.ts'
import type { Version } from '../../../domain/chain/wire/version.ts'
import { type Connection, openConnection, type Sent } from '../../../src/chain/p2p/connection.ts'
import { P2P_LIMITS } from '../../../src/chain/p2p/limits.ts'
import { PeerEnd } from '../../../src/chain/p2p/peer-end.ts'
import type { Wire } from '../../../src/chain/p2p/port.ts'
import { tcpTransport } from '../../../src/chain/p2p/tcp.ts'
import { newTraffic } from '../../../src/chain/p2p/traffic.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { type Member, until } from './rig.ts'

/** What a message of this name holds. */
type Heard<C> = Message extends infer M ? (M extends { command: infer N } ? (C extends N ? M : never) : never) : never

/** Somebody who speaks the protocol, and says what a test wants. */
export type Stranger = {
  readonly wire: Wire
  readonly connection: Connection
  readonly heard: Message[]
  /** Whether the other end has closed. */
  isOver(): boolean
  send(message: Sent): void
  hears<C extends Message['command']>(command: C): Promise<Heard<C>>
}

const NOBODY = { net: NET.ipv6, bytes: new Uint8Array(16), port: 0, services: 0n }

export const versionOf = (more: Partial<Version> = {}): { command: 'version' } & Version => ({
  command: 'version',
  version: 70016,
  services: 9n,
  timeS: BigInt(Math.floor(Date.now() / 1000)),
  receiver: NOBODY,
  sender: NOBODY,
  nonce: BigInt(Math.floor(Math.random() * 1e15)) + 1n,
  userAgent: '/stranger/',
  startHeight: 0,
  relay: true,
  ...more,
})

export type StrangerOptions = {
  /** Address that it calls from. */
  readonly from?: string
  /** Off: it only connects. */
  readonly shakes?: boolean
  /** Off: it never reads. */
  readonly reads?: boolean
}

export const stranger = async (target: Member, options: StrangerOptions = {}): Promise<Stranger> => {
  const { from = '127.0.0.2', shakes = true, reads = true } = options
  const wire = await tcpTransport({ from }).dial(target.at, AbortSignal.timeout(10_000))
  onTestFinished(() => wire.close())
  const connection = openConnection({
    wire,
    network: target.node.network,
    clock: systemClock,
    limits: { ...P2P_LIMITS, sendBytes: 1_000_000_000 },
    totals: newTraffic(),
    allows: () => {},
  })
  const heard: Message[] = []
  let isOver = false
  const read = async () => {
    for await (const { message } of connection.messages()) {
      heard.push(message)
      if (message.command === 'ping' && reads) connection.send({ command: 'pong', nonce: message.nonce })
      // It has no chain to show.
      if (message.command === 'getheaders' && reads) connection.send({ command: 'headers', headers: [] })
      while (!reads && heard.length > 6) await sleep(50)
    }
  }
  void read()
    .catch((error: unknown) => {
      if (!(error instanceof PeerEnd)) throw error
    })
    .finally(() => {
      isOver = true
    })
  const one: Stranger = {
    wire,
    connection,
    heard,
    isOver: () => isOver,
    send: connection.send,
    hears: async (command) =>
      until(
        () => heard.find((message) => message.command === command),
        () => ({ command, heard: heard.map((message) => message.command), lines: target.lines.slice(-5) }),
      ) as Promise<never>,
  }
  if (shakes) {
    one.send(versionOf())
    await one.hears('verack')
    one.send({ command: 'verack' })
  }
  return one
}

/** Until the node has let a peer go with this code. */
export const endsWith = (target: Member, code: string) =>
  until(
    () => target.codes().includes(code),
    () => target.lines.slice(-10),
  )
