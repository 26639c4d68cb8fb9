import { z } from 'zod'
import type { P2p } from './p2p/p2p.ts'
import { blockMethods } from './rpc/block-methods.ts'
import { chainMethods } from './rpc/chain-methods.ts'
import { type RpcLogin, writeCookie } from './rpc/cookie.ts'
import { RPC, RpcError } from './rpc/error-code.ts'
import { type HttpRpc, serveHttpRpc } from './rpc/http-server.ts'
import { mempoolMethods } from './rpc/mempool-methods.ts'
import { type RpcMethod, rpcMethod } from './rpc/method.ts'
import { miningMethods } from './rpc/mining-methods.ts'
import { networkMethods } from './rpc/network-methods.ts'
import { nodeMethods } from './rpc/node-methods.ts'
import { scriptMethods } from './rpc/script-methods.ts'
import { transactionMethods } from './rpc/transaction-methods.ts'
import type { Xencoind } from './xencoind/xencoind.ts'

export type RpcServerOptions = {
  readonly node: Xencoind
  /** Its peers; absent: it is alone. */
  readonly peers?: P2p
  /** Where the `.cookie` file goes. */
  readonly dataDir: string
  /** Default 127.0.0.1. */
  readonly bind?: string
  /** 0 takes any free one. */
  readonly port: number
  /** One more login beside the cookie. */
  readonly login?: RpcLogin
  /** Called when a client says `stop`. */
  readonly onStop?: () => void
}
export type RpcServer = HttpRpc & { readonly url: string; readonly cookieFile: string }

/**
 * Serves the node as bitcoind serves itself: JSON-RPC over HTTP, methods, field names and error codes of Core, so wallets
 * and tools for Bitcoin, and `rpc-engine.ts`, work against it.
 *
 * @throws Fault `chain.port-taken`
 */
export const serveRpc = async (options: RpcServerOptions): Promise<RpcServer> => {
  const { node, peers, dataDir, bind = '127.0.0.1', port, login, onStop } = options
  const closing = new AbortController()
  const methods = new Map(Object.entries(allMethods))
  const cookie = writeCookie(dataDir)
  const server = await serveHttpRpc({
    bind,
    port,
    logins: login === undefined ? [cookie.login] : [cookie.login, login],
    call: async (name, params, gone) => {
      const method = methods.get(name)
      if (method === undefined) throw new RpcError(RPC.methodNotFound, 'Method not found')
      const signal = AbortSignal.any([gone, closing.signal])
      return method.run(params, { node, peers, signal, stop: () => setImmediate(() => onStop?.()) })
    },
  }).catch((error: unknown) => {
    cookie.remove()
    throw error
  })
  return {
    port: server.port,
    url: `http://${bind}:${server.port}/`,
    cookieFile: cookie.file,
    close: async () => {
      closing.abort()
      await server.close()
      cookie.remove()
    },
  }
}

const plainMethods: Record<string, RpcMethod> = {
  ...blockMethods,
  ...chainMethods,
  ...transactionMethods,
  ...scriptMethods,
  ...mempoolMethods,
  ...miningMethods,
  ...nodeMethods,
  ...networkMethods,
}

const help = rpcMethod(
  'help ( command ): this list, or one of its lines',
  { command: z.string().optional() },
  (args) =>
    args.command === undefined
      ? Object.values(allMethods)
          .map((method) => method.help)
          .sort()
          .join('\n')
      : (allMethods[args.command]?.help ?? `help: unknown command: ${args.command}`),
)

const allMethods: Record<string, RpcMethod> = { ...plainMethods, help }
