import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GraphqlClient, graphqlClient } from '../../src/api/client.ts'
import type { Chain } from './chain.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { ownerIs } from './owner.ts'

/** A zennetd in a process of its own, and its API. */
export type MarketNode = {
  readonly dataDir: string
  daemon(): Daemon
  readonly api: GraphqlClient
  start(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<number | null>
  /** Of a node with a fuse: it kills itself then, once. @param when as `fused-daemon.ts` has it */
  arm(when: string): void
  /** Waits until it stands still, as it was told to. */
  halted(): Promise<void>
}

/** How a node's program is run, where not plainly. */
export type NodeProgram = {
  /** It can be told to die at a moment. */
  readonly fused?: boolean
  /** What its host's owner does is said by a test: `ownerIs`, with the file `owner` in its home. */
  readonly owned?: boolean
  /** A command that runs it somewhere else. */
  readonly behind?: readonly string[]
}

/** Starts `zennetd`, on a chain unless it only reads, and waits until it is ready. `args` are further flags. */
export const startNode = async (
  home: string,
  chain: Chain | undefined,
  args: readonly string[],
  { fused = false, owned = false, behind }: NodeProgram = {},
): Promise<MarketNode> => {
  mkdirSync(home, { recursive: true })
  const dataDir = join(home, 'node')
  const at = chain ? ['--chain', chain.url, '--chain-cookie', chain.cookie] : []
  const connect = [...at, '--network', chain?.network.name ?? 'xencoin-dev']
  const program = {
    script: fused ? 'test/e2e/fused-daemon.ts' : owned ? 'test/e2e/owned-daemon.ts' : 'src/main.ts',
    args: ['--data-dir', dataDir, ...connect, '--api-port', '0', '--log-level', 'info', ...args],
    home,
    ...(behind === undefined ? {} : { behind }),
  }
  const [fuse, owner] = [join(home, 'fuse'), join(home, 'owner')]
  if (owned) ownerIs(owner, 'away')
  let daemon: Daemon
  let client: GraphqlClient
  const node: MarketNode = {
    dataDir,
    daemon: () => daemon,
    // Whoever holds it talks to the node that runs now, also after a restart on another port.
    api: {
      request: (...given) => client.request(...given),
      subscribe: (...given) => client.subscribe(...given),
    },
    async start() {
      daemon = startDaemon(program, { ...(fused ? { FUSE: fuse } : {}), ...(owned ? { OWNER: owner } : {}) })
      const api = await daemon.line(/^API: (\S+)\/graphql, token in (.+)$/)
      await daemon.line(/^ready$/)
      client = graphqlClient({ url: api[1]!, token: readFileSync(api[2]!, 'utf8').trim() })
    },
    kill: () => daemon.kill(),
    stop: () => daemon.stop(),
    arm: (when) => writeFileSync(fuse, when),
    async halted() {
      const stands = () => /\) T /.test(readFileSync(`/proc/${daemon.pid}/stat`, 'utf8'))
      while (!stands()) await sleep(10)
    },
  }
  await node.start()
  return node
}
