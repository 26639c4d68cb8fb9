import { pino } from 'pino'
import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { absent, type Check, checked, said } from '../../../domain/lease/check.ts'
import type { ReceiptFile } from '../../../domain/lease/receipt-file.ts'
import type { ChainEngine, FoundTransaction } from '../../chain/port.ts'
import { systemClock } from '../../clock/system.ts'
import type { Config } from '../../config.ts'
import { chooseCurve } from '../../curve/choose.ts'
import { openChain } from '../../node/chain.ts'
import { networkOf } from '../../node/network.ts'
import { systemRandom } from '../../random/system.ts'
import { usageFault } from '../exit-code.ts'

type Named = { readonly check: string; readonly txid: string; readonly raw?: string; readonly height?: number }

/**
 * What a chain node, xencoind or bitcoind, says of the transactions of a receipt.
 * @throws Fault `chain.unreachable`, `chain.not-authorised`, `chain.wrong-network`, `chain.unknown-network`
 */
export const chainChecks = async (file: ReceiptFile, config: Config): Promise<readonly Check[]> => {
  if (config.chain === 'embedded')
    throw usageFault('--chain takes the address of a chain node’s JSON-RPC.', 'Leave it out to check without one.')
  const network = config.challenge === undefined ? networkNamed(file.receipt.network) : networkOf(config)
  const chain = await openChain({
    config,
    network,
    curve: chooseCurve(),
    clock: systemClock,
    random: systemRandom,
    log: pino({ level: 'silent' }),
  })
  try {
    const { engine } = chain
    const isSame = network.name === file.receipt.network
    const answers: Check[] = [checked('chain', isSame, said(isSame, file.receipt.network, network.name))]
    const { height: tip } = await engine.tip()
    for (const named of transactionsOf(file)) answers.push(await inBlock(engine, named, tip))
    for (const [leg, { funding, spend }] of file.channels.entries()) {
      if (spend !== undefined) continue
      const isThere = (await engine.output(funding)) !== undefined
      const check = `unspent${nameOf(leg)}`
      answers.push(
        checked(check, isThere, isThere ? `${funding.txid}:${funding.vout}` : 'expected unspent, it is spent'),
      )
    }
    return answers
  } finally {
    await chain.close()
  }
}

const nameOf = (leg: number): string => (leg === 0 ? '' : ` of top-up ${leg}`)

const transactionsOf = ({ channels }: ReceiptFile): Named[] => {
  const fundings = channels.map(({ funding }, leg) => ({ check: `funding${nameOf(leg)} in a block`, ...funding }))
  const spends = new Map<string, Named>()
  for (const [leg, { spend }] of channels.entries())
    if (spend !== undefined && !spends.has(spend.txid))
      spends.set(spend.txid, { check: `close${nameOf(leg)} in a block`, ...spend })
  return [...fundings, ...spends.values()]
}

/** A bitcoind without an index of transactions finds what is spent only in the block that the file names. */
const find = async (engine: ChainEngine, { txid, height }: Named): Promise<FoundTransaction | undefined> => {
  const at = height === undefined ? undefined : await engine.blockAt(height)
  const tx = at?.block.transactions.find((one) => transactionId(one) === txid)
  if (at !== undefined && tx !== undefined) return { tx, block: { hash: at.hash, height: height! } }
  return await engine.transaction(txid)
}

const inBlock = async (engine: ChainEngine, named: Named, tip: number): Promise<Check> => {
  const { check, txid, raw } = named
  const found = await find(engine, named)
  if (found === undefined) return checked(check, false, `expected ${txid} in a block, the node does not know it`)
  if (raw !== undefined && raw !== toHex(encodeTransaction(found.tx)))
    return checked(check, false, `expected the bytes in the file, the chain has another form of ${txid}`)
  if (found.block === undefined) return absent(check, `${txid} waits for a block`)
  const { height } = found.block
  return checked(check, true, `${txid} at height ${height}, ${tip - height + 1} blocks deep`)
}
