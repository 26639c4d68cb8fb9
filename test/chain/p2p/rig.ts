import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Network, networkNamed } from '../../../domain/chain/network.ts'
import type { P2pLimits } from '../../../src/chain/p2p/limits.ts'
import { openP2p, type P2p } from '../../../src/chain/p2p/p2p.ts'
import type { HostPort } from '../../../src/chain/p2p/port.ts'
import { tcpTransport } from '../../../src/chain/p2p/tcp.ts'
import { openXencoind, type Xencoind } from '../../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { openScriptThreads } from '../../../src/curve/script-threads.ts'
import { systemRandom } from '../../../src/random/system.ts'
import { curve } from '../coins.ts'

/** Facts take what they take on a busy machine; more than this is a failure. */
export const LIMIT_MS = 90_000

/** Waits for a fact. @throws with what `describe` says, when it does not come */
export const until = async <T>(
  look: () => T | Promise<T>,
  describe: () => unknown = () => '',
): Promise<Exclude<T, false | undefined | null>> => {
  for (const end = performance.now() + LIMIT_MS; ; await sleep(20)) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found as Exclude<T, false | undefined | null>
    if (performance.now() > end)
      throw new Error(`it did not come: ${look}\n${JSON.stringify(await describe(), null, 1)}`)
  }
}

export type LogLine = { readonly text: string } & Record<string, unknown>

/** A node of ours with peers, on loopback. */
export type Member = {
  readonly node: Xencoind
  readonly p2p: P2p
  readonly dataDir: string
  readonly lines: LogLine[]
  readonly at: HostPort
  /** Codes with which peers left. */
  codes(): string[]
  close(): Promise<void>
}

export type MemberOptions = {
  readonly network?: Network
  readonly dataDir?: string
  readonly listens?: boolean
  readonly connect?: readonly HostPort[]
  readonly addNodes?: readonly HostPort[]
  readonly limits?: Partial<P2pLimits>
  /** Address of loopback that it calls from, and listens on. */
  readonly host?: string
}

export const scratch = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'zennet-p2p-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

export const member = async (options: MemberOptions = {}): Promise<Member> => {
  const { network = networkNamed('regtest'), listens = true, host = '127.0.0.1', limits = {} } = options
  const dataDir = options.dataDir ?? (await scratch())
  const lines: LogLine[] = []
  const note = (fields: Record<string, unknown>, text: string) => void lines.push({ ...fields, text })
  const log = { debug: note, info: note, warn: note }
  const node = await openXencoind({
    dataDir,
    network,
    curve,
    clock: systemClock,
    log,
    threads: openScriptThreads(),
  })
  const p2p = await openP2p({
    node,
    dataDir,
    clock: systemClock,
    random: systemRandom,
    log,
    transport: tcpTransport({ from: host }),
    userAgent: '/zennet:test/',
    ...(listens && { listen: { host, port: 0 } }),
    ...(options.connect && { connect: options.connect }),
    ...(options.addNodes && { addNodes: options.addNodes }),
    limits: { tickMs: 50, announceMs: 50, retryLeastMs: 100, retryMostMs: 500, ...limits },
  })
  const close = async () => {
    await p2p.close()
    await node.close()
  }
  onTestFinished(close)
  return {
    node,
    p2p,
    dataDir,
    lines,
    at: p2p.listening ?? { host, port: 0 },
    codes: () => lines.flatMap(({ code }) => (typeof code === 'string' ? [code] : [])),
    close,
  }
}

/** Until all have the same tip, which is at this height at least. */
export const sameTip = (members: readonly Member[], height: number): Promise<unknown> =>
  until(
    async () => {
      const tips = await Promise.all(members.map(({ node }) => node.tip()))
      return tips.every(({ hash }) => hash === tips[0]!.hash) && tips[0]!.height >= height
    },
    async () => ({
      tips: await Promise.all(members.map(({ node }) => node.tip())),
      lines: members.map(({ lines }) => lines.slice(-20)),
    }),
  )
