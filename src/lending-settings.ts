import { z } from 'zod'
import { MAX_NOTICE_MS } from '../domain/lease/notice.ts'
import { parseHours } from '../domain/spare/hours.ts'
import { flag, list, MIB, msat, whole } from './config-values.ts'

/** The settings of a provider: what it lends out, to whom, when and for how much. */
export const lendingSettings = {
  images: list.default(['*']).describe('images that may be rented here; `*` allows all that are present'),
  when: z
    .string()
    .refine(
      (text) => text === 'always' || text === 'idle' || parseHours(text) !== undefined,
      'always, idle or HH:MM-HH:MM',
    )
    .default('always')
    .describe(
      'when machines are lent out: `always`; `idle`, in what the owner leaves over; or hours of the local day, as in 18:00-08:00',
    ),
  bridge: flag.default(false).describe('let machines reach the network'),
  trustedKeys: list
    .pipe(z.array(z.string().regex(/^0[23][0-9a-f]{64}$/)))
    .optional()
    .describe('publishers served; absent: all'),
  cpuMillis: z.coerce.number().int().min(1).optional().describe('CPU lent out, thousandths of a core; absent: all'),
  memoryBytes: z.coerce
    .number()
    .int()
    .min(16 * MIB)
    .optional()
    .describe('memory lent out; absent: half'),
  diskBytes: z.coerce
    .number()
    .int()
    .min(MIB)
    .default(10 * 1024 * MIB)
    .describe('disk lent out'),
  maxLeases: whole(1, 10_000).default(20).describe('leases at a time'),
  maxDurationMs: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(30 * 24 * 3_600_000)
    .describe('longest lease'),
  reconnectMs: whole(1_000, 3_600_000)
    .default(30_000)
    .describe('how long a lease outlives the loss of its other side, ms; it goes into the terms'),
  maxDataGraceMs: whole(0, 7 * 24 * 3_600_000)
    .default(60_000)
    .describe('how long the data of a lease can be read after its end, at most, ms; unpaid'),
  maxPauseMs: whole(0, 366 * 24 * 3_600_000)
    .default(24 * 3_600_000)
    .describe('how long a lease may be paused, at most, ms; its machine keeps its memory, and pays for its disk'),
  maxNoticeMs: whole(0, MAX_NOTICE_MS)
    .default(24 * 3_600_000)
    .describe('how long before it ends a lease by choice this provider agrees to say so, at most, ms'),
  floorPercent: whole(1, 100).default(80).describe('how far below the asked price counter-offers may go'),
  priceStartMsat: msat.default(0n).describe('msat for the start'),
  priceWallHour: msat.default(720_000n).describe('msat per hour'),
  priceCpuHour: msat.default(7_200_000n).describe('msat per CPU hour'),
  priceMemGiBHour: msat.default(1_800_000n).describe('msat per GiB·hour of memory'),
  priceDiskGiBHour: msat.default(36_000n).describe('msat per GiB·hour of disk'),
  pricePausedDiskGiBHour: msat.optional().describe('the same while a machine is paused; absent: as much'),
  priceTrafficGiB: msat.default(1_000_000n).describe('msat per GiB, each of disk and network, in and out'),
}
