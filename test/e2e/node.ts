import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GraphqlClient, graphqlClient } from '../../src/api/client.ts'
import type { Chain } from './chain.ts'
import { type Daemon, startDaemon } from './daemon.ts'

/** A zennetd in a process of its own, and its API. */
export type MarketNode = {
  readonly dataDir: string
  daemon(): Daemon
  readonly api: GraphqlClient
  start(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<number | null>
}

/** Starts `zennetd`, on a chain unless it only reads, and waits until it is ready. `args` are further flags. */
export const startNode = async (
  home: string,
  chain: Chain | undefined,
  args: readonly string[],
): Promise<MarketNode> => {
  mkdirSync(home, { recursive: true })
  const dataDir = join(home, 'node')
  const at = chain ? ['--chain', chain.url, '--chain-cookie', chain.cookie] : []
  const connect = [...at, '--network', chain?.network.name ?? 'xencoin-dev']
  const program = {
    script: 'src/main.ts',
    args: ['--data-dir', dataDir, ...connect, '--api-port', '0', '--log-level', 'info', ...args],
    home,
  }
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
      daemon = startDaemon(program)
      const api = await daemon.line(/^API: (\S+)\/graphql, token in (.+)$/)
      await daemon.line(/^ready$/)
      client = graphqlClient({ url: api[1]!, token: readFileSync(api[2]!, 'utf8').trim() })
    },
    kill: () => daemon.kill(),
    stop: () => daemon.stop(),
  }
  await node.start()
  return node
}
