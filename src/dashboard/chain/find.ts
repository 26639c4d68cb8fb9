import { ask } from '../api/ask.ts'
import { Fault } from '../api/fault.ts'
import { graphql } from '../graphql.ts'
import { named } from './named.ts'

const AT_HEIGHT = graphql(`
  # once
  query FindHeight($height: IntRange!) {
    blocks(first: 1, filter: { height: $height }) { edges { node { hash } } }
  }
`)

const BY_HASH = graphql(`
  # once
  query FindHash($hash: Hex!) {
    block(hash: $hash) { hash }
    announcement(txid: $hash) { txid }
  }
`)

const notFound = (message: string, next: string): Fault =>
  new Fault({ code: 'dashboard.not-found', message, culprit: 'you', next })

/**
 * The page of what a text names. An announcement's own page comes before that of its transaction, which it links to.
 * @throws Fault `dashboard.not-found`
 */
export const find = async (typed: string): Promise<string> => {
  const what = named(typed)
  if (what === undefined)
    throw notFound(
      'That names nothing on the chain or in the market.',
      'Type a height, a block’s hash, a transaction’s id, an address, a lease’s id or a key.',
    )
  switch (what.kind) {
    case 'height': {
      const height = { min: what.height, max: what.height }
      const [edge] = (await ask(AT_HEIGHT, { height })).blocks.edges
      if (edge === undefined)
        throw notFound(`There is no block ${what.height}.`, 'The chain’s page has the newest height.')
      return `/block/${edge.node.hash}`
    }
    case 'hash': {
      const { block, announcement } = await ask(BY_HASH, { hash: what.hash })
      if (block !== null) return `/block/${what.hash}`
      return announcement !== null ? `/announcement/${what.hash}` : `/transaction/${what.hash}`
    }
    case 'lease':
      return `/lease/${what.leaseId}`
    case 'key':
      return `/provider/${what.key}`
    case 'address':
      return `/address/${what.address}`
  }
}
