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
