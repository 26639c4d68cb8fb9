/** A txid of a test, by number. */
export const txidNumber = (i: number): string => i.toString(16).padStart(64, '0')

/** That this node announced a small machine. */
export const announced = (txid: string, label: string) => ({
  type: 'announcement.posted' as const,
  at: 1,
  txid,
  body: {
    version: 1 as const,
    label,
    image: 'zennet/busybox:1',
    resources: { cpuMillis: 500, memoryBytes: 64 * 1_048_576, diskBytes: 64 * 1_048_576, pids: 64 },
    isolation: 'none' as const,
    machineNetwork: 'none' as const,
    count: 1,
    maxHourlyMsat: 20_000_000n,
    maxDurationMs: 3_600_000,
  },
  order: { authorizedKeys: ['ssh-ed25519 A'], capacitySats: 40_000n, tickMs: 1_000, dataGraceMs: 0, offerWindowMs: 0 },
})

/** That it is on the chain, of which the order book is made. */
export const seen = (txid: string) => ({
  type: 'announcement.seen' as const,
  at: 2,
  txid,
  author: `02${'a'.repeat(64)}`,
  bondSats: 1_000n,
  record: {
    isolation: 'none' as const,
    count: 1,
    cpuMillis: 500,
    memoryMiB: 64,
    diskGiB: 1,
    maxHourlyMsat: 20_000_000n,
    expiryHeight: 1_000,
    host: '127.0.0.1',
    port: 4_001,
    bodyHash: 'ab'.repeat(32),
  },
})

/** The same facts, as if the first had been a minute ago. */
export const lately = <T extends { readonly at: number }>(facts: readonly T[]): T[] => {
  const shift = Date.now() - 60_000 - facts[0]!.at
  return facts.map((fact) => ({ ...fact, at: fact.at + shift }))
}

/** Words of a stranger who means ill. */
export const HOSTILE = '<img src=x onerror="document.title=`broken in`">\u202egnp.exe\u001b[31m'
