import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { basename, dirname } from 'node:path'
import { SPARE_PARENT } from '../../src/machine/spare-cgroup.ts'
import { HOST_CORES } from './owner.ts'

// zennetd on a host whose owner does what a test says: the file that OWNER names holds how many of `HOST_CORES` cores it keeps busy. Other
// tests run on the real host: their load is nobody's here, memory is never short, and leases have the usual weight, for with the least one
// they would be starved by whatever else runs. All else is real.
const file = process.env['OWNER']
if (file === undefined) throw new Error('OWNER names the file that says what the owner does')

const TICKS_PER_MS = 0.1 // USER_HZ is 100
const read = fs.readFileSync
let busyTicks = 0
let at = performance.now()

const statNow = (): string => {
  const now = performance.now()
  busyTicks += Number(read(file, 'utf8')) * (now - at) * TICKS_PER_MS
  at = now
  return `cpu  ${Math.round(busyTicks)} 0 0 0 0 0 0 0 0 0\n`
}
const SAID: Readonly<Record<string, () => string>> = {
  '/proc/stat': statNow,
  '/proc/pressure/memory': () => 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  '/proc/meminfo': () => 'MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n',
}
fs.readFileSync = ((path, ...rest) => SAID[String(path)]?.() ?? read(path, ...rest)) as typeof read
/** What stands in for the least weight of the cgroup above all leases. */
const USUAL: Readonly<Record<string, string>> = { 'cpu.shares': '1024', 'cpu.weight': '100', 'cpu.idle': '0' }
const write = fs.writeFileSync
fs.writeFileSync = ((path, value, ...rest) =>
  write(
    path,
    (dirname(String(path)).endsWith(SPARE_PARENT) && USUAL[basename(String(path))]) || value,
    ...rest,
  )) as typeof write

const [core] = os.cpus()
os.cpus = () => Array.from({ length: HOST_CORES }, () => core!)
syncBuiltinESMExports()

await import('../../src/main.ts')
