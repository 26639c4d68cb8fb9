import type { Policy } from '../../domain/match.ts'
import { type PriceVector, scalePrice } from '../../domain/price.ts'
import type { Resources } from '../../domain/resources.ts'
import type { Config } from '../config.ts'
import type { ProviderParty, ProviderTerms } from '../lease/provider/deps.ts'
import { Seeker } from '../market/seeker.ts'
import type { Peers } from '../peer/port.ts'
import type { Hands } from './hands.ts'
import type { Spare } from './spare.ts'

/** Fixed in every lease of this provider. */
const TERMS: Omit<ProviderTerms, 'reconnectMs'> = {
  graceTicks: 3,
  unconfirmedTicks: 120,
  ioBytesPerS: 2n << 30n,
  netBytesPerS: 1n << 30n,
}

/** The settings that say what for and for whom a provider works. */
export type Lending = Prices &
  Pick<
    Config,
    | 'floorPercent'
    | 'reconnectMs'
    | 'maxDataGraceMs'
    | 'maxNoticeMs'
    | 'maxPauseMs'
    | 'images'
    | 'trustedKeys'
    | 'bridge'
    | 'maxDurationMs'
    | 'maxLeases'
  >
type Prices = Pick<
  Config,
  | 'priceStartMsat'
  | 'priceWallHour'
  | 'priceCpuHour'
  | 'priceMemGiBHour'
  | 'priceDiskGiBHour'
  | 'pricePausedDiskGiBHour'
  | 'priceTrafficGiB'
>

/** What a provider lends with. `total`: all that it lends out. */
export type Means = Pick<ProviderParty, 'machines' | 'gateway' | 'hardware'> & {
  readonly total: Resources
  readonly spare?: Pick<Spare, 'open' | 'pauses'>
}

/** A provider's eyes on the market, begun, by its settings. @throws what its first look at log and machines throws; it is closed then */
export const openSeeker = async (
  config: Lending,
  { party, journal, watched }: Hands,
  peers: Peers,
  { total, spare, ...means }: Means,
): Promise<Seeker> => {
  const ask = askedPrice(config)
  const floor = scalePrice(ask, BigInt(config.floorPercent), 100n)
  const { isolation } = means.machines
  const seeker = new Seeker({
    party: {
      ...party,
      ...means,
      peers,
      ask,
      floor,
      isolation,
      terms: { ...TERMS, reconnectMs: config.reconnectMs },
      maxDataGraceMs: config.maxDataGraceMs,
      maxNoticeMs: config.maxNoticeMs,
      maxDurationMs: config.maxDurationMs,
      maxPauseMs: config.maxPauseMs,
      mustPause: spare?.pauses ?? false,
      ...(spare === undefined ? {} : { open: spare.open }),
    },
    journal,
    policy: policyOf(config, ask, floor, isolation),
    total,
    watched,
  })
  try {
    await seeker.start()
  } catch (error) {
    await seeker.close()
    throw error
  }
  return seeker
}

export const askedPrice = (config: Prices): PriceVector => ({
  startMsat: config.priceStartMsat,
  wallHour: config.priceWallHour,
  cpuHour: config.priceCpuHour,
  memGiBHour: config.priceMemGiBHour,
  diskGiBHour: config.priceDiskGiBHour,
  ioReadGiB: config.priceTrafficGiB,
  ioWriteGiB: config.priceTrafficGiB,
  netRxGiB: config.priceTrafficGiB,
  netTxGiB: config.priceTrafficGiB,
  ...(config.pricePausedDiskGiBHour === undefined ? {} : { pausedDiskGiBHour: config.pricePausedDiskGiBHour }),
})

const policyOf = (config: Lending, ask: PriceVector, floor: PriceVector, isolation: Policy['isolation']): Policy => ({
  ask,
  floor,
  images: config.images,
  ...(config.trustedKeys ? { trustedKeys: config.trustedKeys } : {}),
  isolation,
  bridgeAllowed: config.bridge,
  maxDurationMs: config.maxDurationMs,
  maxLeases: config.maxLeases,
})
