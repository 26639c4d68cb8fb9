import type { Duplex } from 'node:stream'
import type { ChannelCounts, LoginEnd } from '../../domain/login/facts.ts'
import type { LoginBook } from './port.ts'

/** What is remembered of one login while it lasts. */
export type OpenLogin = {
  opened(kind: keyof ChannelCounts): void
  count(direction: 'rx' | 'tx', bytes: number): void
  close(why: LoginEnd): void
}

/** @param key `SHA256:…` */
export const openLogin = (book: LoginBook | undefined, leaseId: string, key: string, wire: Duplex): OpenLogin => {
  const from = (wire as { remoteAddress?: string }).remoteAddress ?? 'tunnel'
  const id = book?.opened(leaseId, { key, from })
  const channels = { shell: 0, exec: 0, sftp: 0, forward: 0, listener: 0 }
  const bytes = { rx: 0n, tx: 0n }
  let open = true
  return {
    opened: (kind) => {
      channels[kind] += 1
    },
    count: (direction, more) => {
      bytes[direction] += BigInt(more)
    },
    close: (why) => {
      if (open && id !== undefined) book?.closed(leaseId, id, { why, channels, rxBytes: bytes.rx, txBytes: bytes.tx })
      open = false
    },
  }
}
