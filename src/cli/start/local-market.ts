import { join } from 'node:path'
import type { Logger } from 'pino'
import { readConfig } from '../../config.ts'
import { type Node, openNode } from '../../node/node.ts'

/** Prices of the local market, high enough that a person sees the counter move: msat per hour of wall, CPU and GiB of memory. */
const PRICES = { priceWallHour: '900000000', priceCpuHour: '720000000', priceMemGiBHour: '72000000' }
/** How long running leases get to end when the market is closed, ms. */
const END_LEASES_MS = 15_000

export type LocalMarketOptions = {
  readonly dataDir: string
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
}

/** A publisher that also keeps and mines the chain, and a provider: two nodes, two wallets, two logs, one process. */
export type LocalMarket = { readonly publisher: Node; readonly provider: Node; close(): Promise<void> }

export const openLocalMarket = async ({ dataDir, flags, env, log }: LocalMarketOptions): Promise<LocalMarket> => {
  const mine = { chainIndex: true, ...flags }
  const own = readConfig({ flags: { ...mine, dataDir, roles: 'publisher,api', chain: 'embedded', mine: true }, env })
  const publisher = await openNode(own, log.child({ node: 'publisher' }))
  try {
    const chain = publisher.chain!.embedded!
    const other = {
      ...PRICES,
      ...flags,
      dataDir: join(dataDir, 'provider'),
      roles: 'provider,api',
      // Any free one: the other has the port that people know.
      apiPort: 0,
      chain: chain.url,
      chainCookie: chain.cookieFile,
      mine: false,
    }
    const provider = await openNode(readConfig({ flags: other, env }), log.child({ node: 'provider' }))
    const close = async () => {
      await provider.endLeases(END_LEASES_MS)
      await provider.close()
      await publisher.close()
    }
    return { publisher, provider, close }
  } catch (error) {
    await publisher.close()
    throw error
  }
}

/** Coins to begin with: a few blocks more than a coinbase has to wait, mined at once. */
export const mineFirstCoins = async ({ chain, wallet }: Node): Promise<void> => {
  const { confirmed } = await wallet!.balance()
  if (confirmed > 0n) return
  const { engine } = chain!
  await engine.mine(engine.network.coinbaseMaturity + 1, await wallet!.receiveScript())
}
