import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openAddressBook, sourceOf } from '../../../src/chain/p2p/address-book.ts'
import { openBanList, subnetOf } from '../../../src/chain/p2p/ban-list.ts'
import { newBucket } from '../../../src/chain/p2p/bucket.ts'
import { parseHostPort } from '../../../src/chain/p2p/host-port.ts'
import { P2P_LIMITS } from '../../../src/chain/p2p/limits.ts'
import { newRemembered } from '../../../src/chain/p2p/remembered.ts'
import type { Clock } from '../../../src/clock/port.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { scratch } from './rig.ts'

const NOW_S = 1_790_000_000
/** Stands still until it is moved. */
const stepped = () => {
  let ms = NOW_S * 1000
  const clock: Clock = { ...systemClock, now: () => ms, steadyUs: () => ms * 1000 }
  const pass = (seconds: number) => {
    ms += seconds * 1000
  }
  return { clock, pass }
}
const found = (host: string, seenS = NOW_S) => ({ host, port: 18_444, services: 9n, seenS })

it('the address book keeps within a share for each source and a size in all, over restarts', async () => {
  const path = join(await scratch(), 'peers.json')
  const { clock } = stepped()
  const limits = { ...P2P_LIMITS, addresses: 50, addressesPerSource: 20 }
  const book = openAddressBook(path, clock, limits)
  for (let i = 0; i < 100; i++) book.add(found(`93.0.0.${i}`), 'one')
  expect(book.size).toBe(20)
  for (let i = 0; i < 100; i++) book.add(found(`94.0.0.${i}`), `source ${i}`)
  expect(book.size).toBe(50)
  book.save()
  expect(openAddressBook(path, clock, limits).all()).toEqual(book.all())
  writeFileSync(path, `${readFileSync(path, 'utf8')}!`)
  expect(openAddressBook(path, clock, limits).size).toBe(0)
})

it('the address book lets go of what is old, of no use, or not reached for long', async () => {
  const { clock } = stepped()
  const book = openAddressBook(join(await scratch(), 'peers.json'), clock, P2P_LIMITS)
  expect(book.add(found('93.0.0.1', NOW_S - 31 * 24 * 3600), 'one')).toBe(false)
  expect(book.add({ ...found('93.0.0.1'), services: 8n }, 'one')).toBe(false)
  expect(book.add({ ...found('93.0.0.1'), port: 0 }, 'one')).toBe(false)
  expect(book.add(found('93.0.0.1', NOW_S + 1e6), 'one')).toBe(true)
  expect(book.all()[0]!.seenS).toBe(NOW_S)
  for (let i = 0; i < 11; i++) book.called({ host: '93.0.0.1', port: 18_444 }, false)
  expect(book.size).toBe(0)
})

it('sources are networks, not addresses', () => {
  expect(sourceOf('93.1.2.3')).toBe(sourceOf('93.1.200.7'))
  expect(sourceOf('93.1.2.3')).not.toBe(sourceOf('93.2.2.3'))
  expect(sourceOf('127.0.0.2')).not.toBe(sourceOf('127.0.0.3'))
})

it('bans hit whole subnets, end in time, and are kept', async () => {
  const path = join(await scratch(), 'bans.json')
  const { clock, pass } = stepped()
  const bans = openBanList(path, clock, 3)
  expect(bans.add(subnetOf('93.1.2.3/16')!, NOW_S + 100)).toBe(true)
  expect(bans.add(subnetOf('93.1.9.9/16')!, NOW_S + 900)).toBe(false)
  expect(['93.1.255.255', '93.2.0.0', '::ffff:93.1.2.3', 'name'].map(bans.has)).toEqual([true, false, true, false])
  expect(openBanList(path, clock, 3).all()).toEqual([{ subnet: '93.1.0.0/16', createdS: NOW_S, untilS: NOW_S + 100 }])
  pass(101)
  expect(bans.has('93.1.2.3')).toBe(false)
  for (let i = 1; i <= 5; i++) bans.add(subnetOf(`93.1.2.${i}`)!, NOW_S + 1000 + i)
  expect(bans.all().map(({ subnet }) => subnet)).toEqual(['93.1.2.3/32', '93.1.2.4/32', '93.1.2.5/32'])
  expect(bans.remove('93.1.2.3/32')).toBe(true)
  bans.clear()
  expect(bans.all()).toEqual([])
})

it.each(['93.1.2.3/33', '93.1.2/8', 'x', '1.2.3.4/', '::1/129', '1.2.3.4/8/8'])('%s is no subnet', (text) => {
  expect(subnetOf(text)).toBeUndefined()
})

it.each([
  ['a.example', { host: 'a.example', port: 9 }],
  ['a.example:7', { host: 'a.example', port: 7 }],
  ['10.0.0.1:7', { host: '10.0.0.1', port: 7 }],
  ['[::1]:7', { host: '::1', port: 7 }],
  ['::1', { host: '::1', port: 9 }],
  ['a:0', undefined],
  ['a:70000', undefined],
  ['[x]:1', undefined],
  ['a b', undefined],
  ['', undefined],
])('%s is called as told', (text, at) => {
  expect(parseHostPort(text, 9)).toEqual(at)
})

it('a bucket gives so much at once and then so much a second', () => {
  const { clock, pass } = stepped()
  const bucket = newBucket(clock, 2, 10)
  expect([bucket.tryTake(10), bucket.tryTake(1)]).toEqual([true, false])
  pass(1)
  expect(bucket.tryTake(2)).toBe(true)
  expect(bucket.take(4)).toBe(2000)
  pass(100)
  expect([bucket.tryTake(10), bucket.tryTake(1)]).toEqual([true, false])
})

it('of many hashes the newest are remembered', () => {
  const remembered = newRemembered(10)
  for (let i = 0; i < 1000; i++) remembered.add(String(i))
  expect([989, 995, 999].every((i) => remembered.has(String(i)) === i >= 990)).toBe(true)
  expect(remembered.has('0')).toBe(false)
  remembered.clear()
  expect(remembered.has('999')).toBe(false)
})
