import type { InsideCounters } from '../../domain/lease/inside.ts'
import { type CounterFiles, cpuUsIn, ioBytesIn, memoryBytesIn, networkBytes } from './counters.ts'

/** Below `/sys/fs/cgroup` as a machine sees it: of v1 a folder for each controller, of v2 one for all. */
const FOLDERS = {
  cpu: { 1: 'cpuacct/', 2: '', files: { 1: ['cpuacct.usage'], 2: ['cpu.stat'] } },
  memory: {
    1: 'memory/',
    2: '',
    files: { 1: ['memory.usage_in_bytes', 'memory.stat'], 2: ['memory.current', 'memory.stat'] },
  },
  io: { 1: 'blkio/', 2: '', files: { 1: ['blkio.throttle.io_service_bytes'], 2: ['io.stat'] } },
} as const
type Resource = keyof typeof FOLDERS
const VERSIONS = [1, 2] as const

const PATHS = [
  ...new Set(
    Object.values(FOLDERS).flatMap((one) =>
      VERSIONS.flatMap((version) => one.files[version].map((file) => `${one[version]}${file}`)),
    ),
  ),
]
const NET = 'net'
/** No counter of a machine comes here in its life. */
const MOST = 1n << 80n

/** For a machine's own shell: each file behind a line with its name. Of programs it needs `cat` alone; what is not there prints nothing. */
export const INSIDE_COMMAND = `for f in ${PATHS.join(' ')}; do echo "= $f"; cat "/sys/fs/cgroup/$f"; done 2>/dev/null; echo "= ${NET}"; cat /proc/net/dev`

/** What the command printed; undefined when it was something else. A counter whose files are not there is left out. */
export const readInsideText = (text: string): InsideCounters | undefined => {
  const sections = new Map<string, string>()
  for (const part of `\n${text}`.split('\n= ').slice(1)) {
    const [name = '', ...lines] = part.split('\n')
    sections.set(name, lines.join('\n'))
  }
  const net = sections.get(NET)
  if (net === undefined || PATHS.some((path) => !sections.has(path))) return undefined
  const filesOf = (resource: Resource): CounterFiles | undefined => {
    const version = VERSIONS.find((one) =>
      FOLDERS[resource].files[one].every((file) => sections.get(`${FOLDERS[resource][one]}${file}`) !== ''),
    )
    return version && { version, read: (file) => sections.get(`${FOLDERS[resource][version]}${file}`) }
  }
  const [cpu, memory, io] = [filesOf('cpu'), filesOf('memory'), filesOf('io')]
  const { read, write } = ioBytesIn(io)
  const { rxBytes, txBytes } = networkBytes(net)
  const found: InsideCounters = {
    ...(cpu && { cpuUs: cpuUsIn(cpu) }),
    ...(memory && { memoryBytes: memoryBytesIn(memory) }),
    ...(io && { ioReadBytes: read, ioWriteBytes: write }),
    netRxBytes: rxBytes,
    netTxBytes: txBytes,
  }
  return Object.values(found).some((value) => value > MOST) ? undefined : found
}
