import type { SignedReceipt as StoredReceipt } from '../../domain/lease/receipt.ts'
import type { MarketNode } from './node.ts'

/** What a mutation answered. */
export type Step = {
  readonly __typename: string
  readonly code?: string
  readonly message?: string
  readonly next?: string
}

/** A lease as a node's API tells it; amounts are strings of digits. */
export type Lease = {
  readonly leaseId: string
  readonly stage: string
  readonly starved: boolean
  readonly tick: number
  readonly owedMsat: string
  readonly paidSats: string
  readonly capacitySats: string | null
  readonly usage: Readonly<Record<string, string>>
  readonly released: boolean
  readonly end: { readonly code: string; readonly culprit: string; readonly next: string } | null
  readonly receipt: SignedReceipt | null
  readonly fundingTxid: string | null
  readonly settlementTxid: string | null
  readonly shell: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly hostKey: string
  } | null
}

type SignedReceipt = {
  readonly receipt: Readonly<Record<string, unknown>>
  readonly publisherSignature?: string
  readonly providerSignature?: string
}

const FIELDS = `leaseId stage starved tick owedMsat paidSats capacitySats released receipt fundingTxid settlementTxid
  usage { wallUs cpuUs memByteSeconds diskByteSeconds ioReadBytes ioWriteBytes netRxBytes netTxBytes }
  end { code culprit next } shell { host port user hostKey }`

/** The receipt as its signatures are over it: the API gives amounts as digits. */
export const signedReceiptOf = ({ receipt, ...signatures }: SignedReceipt): StoredReceipt => {
  const { usage, owedMsat, paidSats, ...rest } = receipt
  const counters = Object.entries(usage as Record<string, string>).map(([name, digits]) => [name, BigInt(digits)])
  const whole = {
    usage: Object.fromEntries(counters),
    owedMsat: BigInt(String(owedMsat)),
    paidSats: BigInt(String(paidSats)),
  }
  return { ...signatures, receipt: { ...rest, ...whole } as StoredReceipt['receipt'] }
}

export const leaseOf = async ({ api }: MarketNode, leaseId: string): Promise<Lease | undefined> => {
  const { lease } = await api.request<{ lease: Lease | null }>(
    `query ($leaseId: Hex!) { lease(leaseId: $leaseId) { ${FIELDS} } }`,
    { leaseId },
  )
  return lease ?? undefined
}

/** Leases of one announcement, newest first. */
export const leasesOf = async ({ api }: MarketNode, announcement: string): Promise<Lease[]> => {
  const { leases } = await api.request<{ leases: { edges: { node: Lease }[] } }>(
    `query ($announcement: Hex!) { leases(filter: { announcement: [$announcement] }) { edges { node { ${FIELDS} } } } }`,
    { announcement },
  )
  return leases.edges.map(({ node }) => node)
}

export const stopLease = async ({ api }: MarketNode, leaseId: string): Promise<Step> => {
  const { stopLease: stopped } = await api.request<{ stopLease: Step }>(
    `mutation ($input: StopLeaseInput!) { stopLease(input: $input) {
      __typename ... on Problem { code message next } } }`,
    { input: { leaseId, idempotencyKey: crypto.randomUUID() } },
  )
  return stopped
}

/** Adds to a lease that runs. */
export const topUpLease = async ({ api }: MarketNode, leaseId: string, sats: bigint, key: string): Promise<Step> => {
  const { topUpLease: asked } = await api.request<{ topUpLease: Step }>(
    `mutation ($input: TopUpLeaseInput!) { topUpLease(input: $input) {
      __typename ... on Problem { code message next } } }`,
    { input: { leaseId, sats, idempotencyKey: key } },
  )
  return asked
}

export type LogFact = { readonly type: string; readonly at: string; readonly fact: Readonly<Record<string, unknown>> }

/** All facts of a lease in a node's log, oldest first. */
export const factsOf = async ({ api }: MarketNode, leaseId: string): Promise<LogFact[]> => {
  const facts: LogFact[] = []
  for (let after: string | null = null; ; ) {
    const {
      lease,
    }: { lease: { log: { edges: { node: LogFact }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } } =
      await api.request(
        `query ($leaseId: Hex!, $after: String) { lease(leaseId: $leaseId) { log(first: 100, after: $after) {
          edges { node { type at fact } } pageInfo { endCursor hasNextPage } } } }`,
        { leaseId, after },
      )
    facts.push(...lease.log.edges.map(({ node }) => node))
    if (!lease.log.pageInfo.hasNextPage) return facts
    after = lease.log.pageInfo.endCursor
  }
}
