import { readContexts } from '../context/store.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import type { Candidate } from './complete.ts'

/** How long a node may take to say which ids it has, ms: somebody waits at the keyboard. */
export const IDS_MS = 1_000

type Edges<T> = { readonly edges: readonly { readonly node: T }[] }
type Asked = { readonly query: string; readonly read: (answer: never) => readonly Candidate[] }

const nodesOf = <T>({ edges }: Edges<T>): readonly T[] => edges.map(({ node }) => node)

type LeaseName = { readonly leaseId: string; readonly stage: string; readonly image: string | null }
type PostName = { readonly txid: string; readonly status: string; readonly label: string | null }
type EffectName = { readonly effectId: string; readonly kind: string; readonly state: string }

/** By the name of a command's argument. */
const ASKED = {
  lease: {
    query: '{ leases(first: 100) { edges { node { leaseId stage image } } } }',
    read: ({ leases }: { leases: Edges<LeaseName> }) =>
      nodesOf(leases).map(({ leaseId, stage, image }) => [leaseId, `${stage.toLowerCase()} ${image ?? ''}`]),
  },
  announcement: {
    query: '{ announcements(first: 100) { edges { node { txid status label } } } }',
    read: ({ announcements }: { announcements: Edges<PostName> }) =>
      nodesOf(announcements).map(({ txid, status, label }) => [txid, `${status.toLowerCase()} ${label ?? ''}`]),
  },
  effect: {
    query: '{ effects(first: 100, filter: { state: [OPEN, PARKED] }) { edges { node { effectId kind state } } } }',
    read: ({ effects }: { effects: Edges<EffectName> }) =>
      nodesOf(effects).map(({ effectId, kind, state }) => [effectId, `${state.toLowerCase()} ${kind}`]),
  },
  table: {
    query: '{ projections { name } }',
    read: ({ projections }: { projections: readonly { name: string }[] }) => projections.map(({ name }) => [name, '']),
  },
} satisfies Record<string, Asked>

type Kind = keyof typeof ASKED | 'context'
export const isKindOfId = (name: string): name is Kind => name === 'context' || Object.hasOwn(ASKED, name)

/** What the node on the line, or this user, has of a kind. Says nothing when there is no node or it takes too long. */
export const idsOf = async (kind: Kind, flags: NodeFlags): Promise<readonly Candidate[]> => {
  try {
    if (kind === 'context') {
      const { contexts } = readContexts()
      return Object.entries(contexts).map(([name, { url, dataDir }]) => [name, url ?? dataDir ?? ''])
    }
    const { query, read } = ASKED[kind] as Asked
    const answer = await connect(flags).request<never>(query, {}, AbortSignal.timeout(IDS_MS))
    // A shell would take anything else apart.
    return read(answer).filter(([word]) => /^[\w.-]{1,128}$/.test(word))
  } catch {
    return []
  }
}
