/** What has a price, in words. */
export const RESOURCE_NAMES = {
  MACHINE_CORE_HOUR: 'whole machine, for each core and hour',
  WALL_HOUR: 'time, hour',
  CPU_HOUR: 'CPU, hour of a core',
  MEMORY_GIB_HOUR: 'memory, GiB for an hour',
  DISK_GIB_HOUR: 'disk, GiB for an hour',
  IO_READ_GIB: 'read from disk, GiB',
  IO_WRITE_GIB: 'written to disk, GiB',
  NET_RX_GIB: 'received, GiB',
  NET_TX_GIB: 'sent, GiB',
} as const
export type Resource = keyof typeof RESOURCE_NAMES
export const RESOURCES = Object.keys(RESOURCE_NAMES) as readonly Resource[]
