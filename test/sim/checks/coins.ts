import { toHex } from '../../../domain/bytes.ts'
import { p2wsh } from '../../../domain/chain/script.ts'
import { subsidyAt } from '../../../domain/chain/subsidy.ts'
import { fundingScript, paramsOf } from '../../../domain/channel/script.ts'
import { lookUp, valuesOf } from '../../../domain/wallet/keyed.ts'
import { openLedger } from '../../../src/wallet/ledger.ts'
import { MINERS_SCRIPT } from '../chain.ts'
import { keysOf } from '../keys.ts'
import { type Check, Violation } from '../violation.ts'
import { NETWORK, type World } from '../world.ts'

const NAME = 'no-coin-made-or-lost'
/** Keys of an account that are looked through, and for each wish of the world. */
const KEYS = 24
const KEYS_PER_WISH = 6

const owned = new Map<string, ReadonlySet<string>>()

/** Scripts of a node's wallet. */
const scriptsOf = ({ plan }: World, name: string): ReadonlySet<string> => {
  const count = KEYS + KEYS_PER_WISH * plan.rents.length
  const id = `${name} ${count}`
  const keys = keysOf(name)
  const accounts = [keys.receive, keys.change, keys.channel]
  const all = () => [keys.identity, ...accounts.flatMap((at) => Array.from({ length: count }, (_, i) => at(i)))]
  const scripts = owned.get(id) ?? new Set(all().map(({ script }) => toHex(script)))
  owned.set(id, scripts)
  return scripts
}

/** All coins that there are were mined, every one belongs to somebody who can spend it, and wallets know their own. */
export const coins: Check = {
  name: NAME,
  atBlock(world) {
    const { chain, nodes, truth } = world
    const tip = chain.at(chain.tip.height)!
    const sum = (list: typeof tip.created) => list.reduce((total, { coin }) => total + coin.value, 0n)
    const made = sum(tip.created) - sum(tip.spent)
    if (made !== subsidyAt(NETWORK, tip.height)) throw new Violation(NAME, `block ${tip.height} makes ${made} sats`)
    let channels: Set<string> | undefined
    for (const { key, coin } of tip.created) {
      const script = toHex(coin.script)
      if (script === toHex(MINERS_SCRIPT) || [...nodes.keys()].some((name) => scriptsOf(world, name).has(script)))
        continue
      channels ??= new Set(
        [...truth.all()]
          .flatMap(({ channels: all }) => [...all.values()])
          .flatMap(({ context: { terms } }) => (terms ? [toHex(p2wsh(fundingScript(paramsOf(terms))))] : [])),
      )
      if (!channels.has(script)) throw new Violation(NAME, `nobody can spend ${key} with its ${coin.value} sats`)
    }
  },
  async atEnd(world) {
    for (const node of world.nodes.values()) {
      if (!node.running) throw new Violation(NAME, 'the node does not run', node.name)
      await checkWallet(world, node.name, await openLedger(node.running.hands.journal).state())
    }
  },
}

const checkWallet = async (
  world: World,
  name: Parameters<World['node']>[0],
  state: Awaited<ReturnType<ReturnType<typeof openLedger>['state']>>,
): Promise<void> => {
  const { chain } = world
  const scripts = scriptsOf(world, name)
  const known = new Set<string>()
  for (const coin of valuesOf(state.coins)) {
    const key = `${coin.txid}:${coin.vout}`
    const spender = coin.spentBy === undefined ? undefined : lookUp(state.transactions, coin.spentBy)
    const isHere = chain.coins.has(key)
    known.add(key)
    const made = lookUp(state.transactions, coin.txid)
    if (coin.spentBy === undefined && made?.height !== undefined && !isHere)
      throw new Violation(NAME, `the wallet thinks that it has ${key}, which is spent`, name)
    if (spender?.height !== undefined && isHere)
      throw new Violation(NAME, `the wallet thinks that ${key} is spent, which it is not`, name)
  }
  for (const [key, coin] of chain.coins)
    if (scripts.has(toHex(coin.script)) && !known.has(key))
      throw new Violation(NAME, `the wallet does not know of ${key} with ${coin.value} sats`, name)
}
