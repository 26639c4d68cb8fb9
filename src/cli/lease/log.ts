import { sentenceOf } from '../../../domain/lease/sentence.ts'
import { plainText } from '../../../domain/plain-text.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, print, printData, printItem } from '../output.ts'
import { knownFact } from './known-fact.ts'
import { leaseIdOf, noLease } from './lease-view.ts'
import { followLease, type LeaseEntry } from './watch.ts'

type PageInfo = { readonly hasNextPage: boolean; readonly endCursor: string | null }
type Page = {
  readonly lease: {
    readonly log: {
      readonly edges: readonly { readonly node: LeaseEntry }[]
      readonly pageInfo: PageInfo
    }
  } | null
}

const LOG = `query($leaseId: Hex!, $after: String) { lease(leaseId: $leaseId) {
  log(first: 100, after: $after) { edges { node { position version type at fact } } pageInfo { hasNextPage endCursor } } } }`

/** The facts of a lease so far, oldest first. @throws Fault `not-found` */
export async function* leaseLog(client: NodeClient, leaseId: string): AsyncGenerator<LeaseEntry> {
  let after: string | null = null
  for (;;) {
    const { lease }: Page = await client.request<Page>(LOG, { leaseId, after })
    if (lease === null) throw noLease(leaseId)
    for (const { node } of lease.log.edges) yield node
    const { hasNextPage, endCursor }: PageInfo = lease.log.pageInfo
    if (!hasNextPage) return
    after = endCursor
  }
}

type Flags = NodeFlags & { readonly output: Output; readonly follow?: true }

/** The facts of a lease as lines that a person reads, oldest first; with --follow until it is over. */
export const showLog = async (given: string, flags: Flags): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const show = (entry: LeaseEntry): void => printEntry(entry, flags.output)
  if (flags.follow) return followLease(client, leaseId, undefined, show)
  const entries: LeaseEntry[] = []
  for await (const entry of leaseLog(client, leaseId)) {
    if (flags.output === 'json' || flags.output === 'yaml') entries.push(entry)
    else show(entry)
  }
  if (flags.output === 'json' || flags.output === 'yaml') printData(entries.map(told), flags.output)
}

const told = (entry: LeaseEntry) => ({
  position: entry.position,
  version: entry.version,
  at: entry.at,
  type: entry.type,
  text: sentenceOf(knownFact(entry.fact)),
  fact: entry.fact,
})

const printEntry = (entry: LeaseEntry, output: Output): void => {
  const { at, type, text } = told(entry)
  if (output !== 'table') printItem(told(entry), output)
  else print(plainText(`${at}  ${type.slice('lease.'.length).padEnd(16)}  ${text}`))
}
