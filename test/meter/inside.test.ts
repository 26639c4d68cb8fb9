import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INSIDE_COMMAND, readInsideText } from '../../src/meter/inside.ts'

const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  900       9    0    0    0     0          0         0      900       9    0    0    0     0       0          0
  eth0: 1000      10    0    0    0     0          0         0     2000      20    0    0    0     0       0          0
`
const PATHS = [...INSIDE_COMMAND.matchAll(/for f in ([^;]+);/g)][0]![1]!.split(' ')

/** What the command prints where these files are. */
const printed = (files: Readonly<Record<string, string>>): string =>
  [...PATHS.map((path) => `= ${path}\n${files[path] ?? ''}`), `= net\n${NET}`].join('')

const V1 = {
  'cpuacct/cpuacct.usage': '1234567890\n',
  'memory/memory.usage_in_bytes': '5000\n',
  'memory/memory.stat': 'cache 1000\ntotal_inactive_file 700\n',
  'blkio/blkio.throttle.io_service_bytes': '8:0 Read 4096\n8:0 Write 8192\n8:0 Total 12288\nTotal 12288\n',
}
const V2 = {
  'cpu.stat': 'usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n',
  'memory.current': '5000\n',
  'memory.stat': 'anon 4000\ninactive_file 700\n',
  'io.stat': '8:0 rbytes=4096 wbytes=8192 rios=1 wios=2\n',
}
const FOUND = {
  cpuUs: 1_234_567n,
  memoryBytes: 4_300n,
  ioReadBytes: 4_096n,
  ioWriteBytes: 8_192n,
  netRxBytes: 1_000n,
  netTxBytes: 2_000n,
}

describe('what is printed inside a machine', () => {
  it('is read the same with either version of cgroups', () => {
    expect(readInsideText(printed(V1))).toEqual(FOUND)
    expect(readInsideText(printed(V2))).toEqual(FOUND)
  })

  it('has no counter whose files are not there', () => {
    expect(readInsideText(printed({}))).toEqual({ netRxBytes: 1_000n, netTxBytes: 2_000n })
    const { 'memory/memory.stat': _, ...some } = V1
    const { memoryBytes: __, ...rest } = FOUND
    expect(readInsideText(printed(some))).toEqual(rest)
  })

  it('is printed by a shell with cat alone', () => {
    const { stdout } = spawnSync('/bin/sh', ['-c', INSIDE_COMMAND], { encoding: 'utf8' })
    expect(readInsideText(stdout)).toMatchObject({ netRxBytes: expect.any(BigInt) })
  })

  it('is refused when it is something else, or more than can be', () => {
    for (const text of ['', 'sh: not found', '= net', printed(V1).replace('= net', '= nets')])
      expect(readInsideText(text)).toBeUndefined()
    expect(readInsideText(printed({ ...V2, 'memory.current': '9'.repeat(50_000) }))).toBeUndefined()
  })

  it('never is more than that, whatever is printed', () => {
    const good = printed(V1)
    const change = fc.record({ at: fc.nat(good.length), length: fc.nat(200), by: fc.string({ maxLength: 20 }) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const text = changes.reduce((all, { at, length, by }) => all.slice(0, at) + by + all.slice(at + length), good)
        for (const value of Object.values(readInsideText(text) ?? {}))
          expect(value >= 0n && value <= 1n << 80n).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
