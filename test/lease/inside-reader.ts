import type { InsideCounters } from '../../domain/lease/inside.ts'
import type { ShellReader } from '../../src/shell/port.ts'

export interface FakeReader extends ShellReader {
  /** What stands in the machine, or what is printed instead, or the fault. */
  there: InsideCounters | string | Error
  readonly asked: number
}

/** As a machine with cgroup v2 prints it; what is absent prints nothing. */
const printed = ({ cpuUs, memoryBytes, ioReadBytes, ioWriteBytes, netRxBytes, netTxBytes }: InsideCounters): string =>
  [
    ...[
      '= cpuacct/cpuacct.usage',
      '= memory/memory.usage_in_bytes',
      '= memory/memory.stat',
      '= blkio/blkio.throttle.io_service_bytes',
    ],
    ...['= cpu.stat', ...(cpuUs === undefined ? [] : [`usage_usec ${cpuUs}`])],
    ...['= memory.current', ...(memoryBytes === undefined ? [] : [`${memoryBytes}`])],
    ...['= memory.stat', ...(memoryBytes === undefined ? [] : ['inactive_file 0'])],
    ...['= io.stat', ...(ioReadBytes === undefined ? [] : [`8:0 rbytes=${ioReadBytes} wbytes=${ioWriteBytes}`])],
    '= net',
    `  eth0: ${netRxBytes ?? 0n} 0 0 0 0 0 0 0 ${netTxBytes ?? 0n} 0 0 0 0 0 0 0`,
    '',
  ].join('\n')

/** A shell that is asked for the machine's counters, and says what a test wants it to. */
export const fakeReader = (there: FakeReader['there']): FakeReader => {
  let asked = 0
  const reader: FakeReader = {
    there,
    get asked() {
      return asked
    },
    publicKey: (leaseId) => `ssh-ed25519 ${Buffer.from(`a reader of ${leaseId}`).toString('base64')} zennet-meter`,
    async run() {
      asked++
      const { there: now } = reader
      if (now instanceof Error) throw now
      return typeof now === 'string' ? now : printed(now)
    },
    leave: () => {},
  }
  return reader
}
