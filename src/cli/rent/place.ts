import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { Fault } from '../../../domain/fault.ts'
import { graphqlClient } from '../../api/client.ts'
import { readToken } from '../../api/token.ts'
import { logDestination } from '../../log/people.ts'
import { openNode } from '../../node/node.ts'
import { type ChangeFlags, tellLocal } from '../change.ts'
import { sayNewWords } from '../new-wallet.ts'
import { type NodeClient, nodeClient } from '../node-client.ts'
import { connect, dataDirOf, knownUrl, type NodeFlags } from '../node-options.ts'
import type { Progress } from '../progress.ts'
import { configOf } from '../setting-options.ts'

/** How long the node of this process may take to read the chain up to its tip, ms. */
export const CATCH_UP_MS = 600_000
const LOOK_MS = 200

/** Where a rent is made from: a node that runs, or one in this process for as long as the rent. */
export type Place = {
  readonly client: NodeClient
  readonly dataDir: string
  readonly isOwn: boolean
  close(): Promise<void>
}

type Flags = NodeFlags & ChangeFlags & { readonly chain?: string }

/** @throws Fault `api.unreachable` when no node answers and none can be run here, and those of `openNode` */
export const openPlace = async (flags: Flags, progress: Progress): Promise<Place> => {
  const chain = flags.chain ?? process.env['ZENNET_CHAIN']
  const url = knownUrl(flags)
  if (url !== undefined || chain === undefined) {
    const client = await reached(flags, chain === undefined)
    if (client) return { client, dataDir: dataDirOf(flags), isOwn: false, close: async () => {} }
  }
  tellLocal('start a node of its own for this rent, and rent from there', flags)
  return openOwn(flags, progress)
}

/** A client of the node that runs; undefined when none answers, and one can be run here instead. */
const reached = async (flags: Flags, isOnlyWay: boolean): Promise<NodeClient | undefined> => {
  try {
    const client = connect(flags)
    if (!client.isShowing) await client.request('{ status { version } }')
    return client
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'api.unreachable') throw error
    if (!isOnlyWay) return undefined
    throw new Fault(error.code, error.message, {
      culprit: 'you',
      next: 'Start a node (zennet start), or rent without one: --chain with the JSON-RPC address of a chain node, and its --chain-cookie.',
      cause: error,
    })
  }
}

const openOwn = async (flags: Flags, progress: Progress): Promise<Place> => {
  progress.show('starting a node for this rent')
  const config = configOf(flags, { logLevel: 'error', apiPort: 0 })
  const log = pino({ level: config.logLevel }, logDestination(process.stderr))
  const node = await openNode({ ...config, roles: ['publisher', 'api'], apiHost: '127.0.0.1' }, log)
  try {
    progress.clear()
    sayNewWords(node.newWords)
    const { url, tokenFile } = node.api!
    const client = nodeClient(graphqlClient({ url, token: await readToken(tokenFile) }))
    const { height: tip } = await node.chain!.engine.tip()
    const until = performance.now() + CATCH_UP_MS
    for (;;) {
      const { status } = await client.request<{ status: { height: number | null } }>('{ status { height } }')
      if ((status.height ?? 0) >= tip) break
      if (performance.now() > until)
        throw new Fault('cli.timed-out', `the chain is read up to block ${status.height} of ${tip} only`, {
          culprit: 'you',
          next: 'Run the same command again: it goes on from there.',
        })
      progress.show(`reading the chain: block ${status.height ?? 0} of ${tip}`)
      await delay(LOOK_MS)
    }
    return { client, dataDir: config.dataDir, isOwn: true, close: () => node.close() }
  } catch (error) {
    await node.close()
    throw error
  }
}
