import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../../domain/bytes.ts'
import type { Policy } from '../../domain/match.ts'
import { type PriceVector, scalePrice } from '../../domain/price.ts'
import type { Resources } from '../../domain/resources.ts'
import { measureMarks } from '../benchmark/marks.ts'
import type { Config } from '../config.ts'
import type { ProviderTerms } from '../lease/provider/deps.ts'
import { Seeker } from '../market/seeker.ts'
import type { Peers } from '../peer/port.ts'
import { openShellGateway } from '../shell/gateway.ts'
import { loadHostKey } from '../shell/host-key.ts'
import type { Hands } from './hands.ts'
import { openMachines } from './machines.ts'

/** Fixed in every lease of this provider. */
const TERMS: Omit<ProviderTerms, 'reconnectMs'> = {
  graceTicks: 3,
  unconfirmedTicks: 120,
  ioBytesPerS: 2n << 30n,
  netBytesPerS: 1n << 30n,
}
const MOST_PIDS = 32_768

export type NodeProvider = {
  readonly seeker: Seeker
  readonly driver: string
  readonly notes: readonly string[]
  close(): Promise<void>
}

/** Machines, shell gateway and the eyes on the market. */
export const openProvider = async (
  config: Config,
  { party, journal, watched }: Hands,
  peers: Peers,
): Promise<NodeProvider> => {
  const { machines, toolbox, notes } = await openMachines(config, toHex(party.keys.identity.publicKey).slice(0, 16))
  const { privateKey } = await loadHostKey(join(config.dataDir, 'ssh_host_ed25519_key'))
  const gateway = await openShellGateway({
    machines,
    hostKey: privateKey,
    toolbox,
    listen: { host: config.shellHost, port: config.shellPort },
  })
  const total = lent(config)
  const ask = askedPrice(config)
  const floor = scalePrice(ask, BigInt(config.floorPercent), 100n)
  const { isolation } = machines
  const hardware = {
    cpuModel: (cpus()[0]?.model ?? 'unknown').slice(0, 120),
    cores: cpus().length,
    memoryBytes: totalmem(),
    marks: measureMarks(party.clock),
  }
  const seeker = new Seeker({
    party: {
      ...party,
      peers,
      machines,
      gateway,
      hardware,
      ask,
      floor,
      isolation,
      terms: { ...TERMS, reconnectMs: config.reconnectMs },
      maxDataGraceMs: config.maxDataGraceMs,
    },
    journal,
    policy: policyOf(config, ask, floor, isolation),
    total,
    watched,
  })
  const close = async () => {
    await seeker.close()
    await gateway.close()
    await machines.close()
  }
  try {
    await seeker.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    seeker,
    driver: machines.driver === isolation ? isolation : `${machines.driver}, isolation ${isolation}`,
    notes,
    close,
  }
}

const lent = (config: Config): Resources => ({
  cpuMillis: config.cpuMillis ?? cpus().length * 1000,
  memoryBytes: config.memoryBytes ?? Math.floor(totalmem() / 2),
  diskBytes: config.diskBytes,
  pids: MOST_PIDS,
})

export const askedPrice = (config: Config): PriceVector => ({
  startMsat: config.priceStartMsat,
  wallHour: config.priceWallHour,
  cpuHour: config.priceCpuHour,
  memGiBHour: config.priceMemGiBHour,
  diskGiBHour: config.priceDiskGiBHour,
  ioReadGiB: config.priceTrafficGiB,
  ioWriteGiB: config.priceTrafficGiB,
  netRxGiB: config.priceTrafficGiB,
  netTxGiB: config.priceTrafficGiB,
})

const policyOf = (config: Config, ask: PriceVector, floor: PriceVector, isolation: Policy['isolation']): Policy => ({
  ask,
  floor,
  images: config.images,
  ...(config.trustedKeys ? { trustedKeys: config.trustedKeys } : {}),
  isolation,
  bridgeAllowed: config.bridge,
  maxDurationMs: config.maxDurationMs,
  maxLeases: config.maxLeases,
})
