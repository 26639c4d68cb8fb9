import { join } from 'node:path'
import { expect } from 'vitest'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { zennet } from '../cli/zennet.ts'
import { run } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { type Market, until } from './market.ts'

/** Flags of a publisher that reads inside its machines about every second. */
export const READS_OFTEN = ['--inside-every-ms', '1000']

type Count = { readonly item: string; readonly read: string; readonly billed: string; readonly beyond: boolean }
type Told = {
  readonly insideProblem: string | null
  readonly inside: { readonly tick: number; readonly counts: readonly Count[]; readonly strikes: number } | null
}

const toldBy = async ({ publisher }: Market, leaseId: string): Promise<Told> => {
  const { lease } = await publisher.api.request<{ lease: Told }>(
    `query ($leaseId: Hex!) { lease(leaseId: $leaseId) {
      insideProblem inside { tick counts { item read billed beyond } strikes } } }`,
    { leaseId },
  )
  return lease
}

/** Half a core for seconds, and 24 MB that are held the while: more than what may differ by itself. */
const LOAD = `awk 'BEGIN { s = sprintf("%24000000s", "x"); for (i = 0; i < 12000000; i++) n += i; print length(s) }'`

/** The publisher reads the machine's own counters while it works, and they are those of the bill. */
export const expectMeasuredInside = async (market: Market, leaseId: string): Promise<void> => {
  const { code, out } = await run(sshCommand(await targetOf(market, leaseId), [LOAD]))
  expect({ code, out: out.toString().trim() }).toEqual({ code: 0, out: '24000000' })
  const worked = 1_000_000n
  const told = await until(
    async () => {
      const now = await toldBy(market, leaseId)
      const cpu = now.inside?.counts.find(({ item }) => item === 'cpuUs')
      return cpu && BigInt(cpu.read) > worked && BigInt(cpu.billed) > worked && now
    },
    async () => JSON.stringify(await toldBy(market, leaseId)),
  )
  expect(told.inside).toMatchObject({ strikes: 0 })
  const counts = new Map(told.inside!.counts.map((it) => [it.item, it]))
  expect([...counts.values()].filter(({ beyond }) => beyond)).toEqual([])
  for (const item of ['cpuUs', 'memByteSeconds', 'netRxBytes', 'netTxBytes']) expect(counts.has(item), item).toBe(true)
  // Also the other way: what was billed is not far below what is read.
  const { read, billed } = counts.get('cpuUs')!
  expect(Number(billed)).toBeGreaterThan(Number(read) / 2)
  expect(Number(counts.get('memByteSeconds')!.billed)).toBeGreaterThan(2 ** 20)
  const home = join(market.folder, 'looker')
  const shown = await zennet(['lease', 'show', leaseId, '--data-dir', market.publisher.dataDir], { home })
  expect(shown.stdout, shown.stderr).toMatch(/^inside +tick \d+: cpuUs [\d,]+ read, [\d,]+ billed/m)
}
