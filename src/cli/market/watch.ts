import { plainJson, plainText } from '../../../domain/plain-text.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, print, printItem } from '../output.ts'

type Event = {
  readonly __typename: 'MarketEvent'
  readonly position: string
  readonly type: string
  readonly at: string
  readonly announcementTxid: string | null
  readonly leaseId: string | null
  readonly fact: Readonly<Record<string, unknown>>
}
type Item = Event | { readonly __typename: 'CaughtUp' | 'Lagged' | 'SnapshotRequired'; readonly position: string }

const DOCUMENT = `subscription($after: Position) { marketFeed(after: $after) {
  __typename
  ... on CaughtUp { position } ... on Lagged { position } ... on SnapshotRequired { position }
  ... on MarketEvent { position type at announcementTxid leaseId fact } } }`

/** Prints what happens in the market, a line or a value for each fact, until it is interrupted. */
export const watchMarket = async (
  flags: NodeFlags & { readonly output: Output; readonly after?: string },
): Promise<void> => {
  const client = connect(flags)
  const after = flags.after ?? (client.isShowing ? null : await headOf(client))
  const positionOf = ({ marketFeed }: { marketFeed: Item }) => marketFeed.position
  for await (const { marketFeed: item } of client.subscribe<{ marketFeed: Item }>(DOCUMENT, { after }, { positionOf }))
    if (item.__typename === 'MarketEvent') {
      if (flags.output === 'table') print(lineOf(item))
      else printItem(item, flags.output)
    }
}

const headOf = async (client: NodeClient): Promise<string> =>
  (await client.request<{ status: { head: string } }>('{ status { head } }')).status.head

const lineOf = ({ position, at, type, announcementTxid, leaseId, fact }: Event): string =>
  [
    position.padStart(6),
    at,
    type.padEnd(24),
    (announcementTxid ?? leaseId ?? '').slice(0, 12),
    ...Object.entries(fact).map(([name, value]) => `${name}=${typeof value === 'object' ? plainJson(value) : value}`),
  ]
    .map(plainText)
    .join('  ')
