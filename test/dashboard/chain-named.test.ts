import { expect, it } from 'vitest'
import { named } from '../../src/dashboard/chain/named.ts'
import { partsOf } from '../../src/dashboard/path-parts.ts'
import { shortcutReader } from '../../src/dashboard/shortcut/listen.ts'

it('knows by its form what a text can name', () => {
  const hash = 'aB'.repeat(32)
  expect(named(' 12 ')).toEqual({ kind: 'height', height: 12 })
  expect(named(hash)).toEqual({ kind: 'hash', hash: hash.toLowerCase() })
  expect(named('f'.repeat(32))).toEqual({ kind: 'lease', leaseId: 'f'.repeat(32) })
  expect(named(`02${'c'.repeat(64)}`)).toEqual({ kind: 'key', key: `02${'c'.repeat(64)}` })
  expect(named('tb1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq')).toMatchObject({ kind: 'address' })
  for (const nothing of [
    '',
    '  ',
    '-1',
    '1e3',
    '../x',
    '1'.repeat(10),
    'a b',
    'x'.repeat(91),
    '<script>alert(1)</script>',
  ])
    expect([nothing, named(nothing)]).toEqual([nothing, undefined])
})

it('takes two keys one after the other, and leaves the browser its own', () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false }
  const at = (key: string, timeStamp: number, more = {}) => ({ ...plain, key, timeStamp, ...more })
  const goes = (key: string) => (key === 'w' ? '/wallet' : undefined)
  const read = (...keys: readonly (readonly [ReturnType<typeof at>, boolean?])[]) => {
    const reader = shortcutReader(goes)
    return keys.map(([key, isTyping = false]) => reader(key, isTyping)).at(-1)
  }
  expect(read([at('g', 0)], [at('w', 1_000)])).toEqual({ go: '/wallet' })
  expect(read([at('/', 0)])).toBe('search')
  expect(read([at('?', 0)])).toBe('list')
  expect(read([at('g', 0)], [at('w', 2_000)])).toBeUndefined()
  expect(read([at('g', 0)], [at('q', 1)])).toBeUndefined()
  expect(read([at('g', 0), true], [at('w', 1)])).toBeUndefined()
  expect(read([at('g', 0)], [at('w', 1, { ctrlKey: true })])).toBeUndefined()
  expect(read([at('/', 0, { defaultPrevented: true })])).toBeUndefined()
})

it('takes ids alone out of a path, since they stand in commands to be copied', () => {
  const id = '0a'.repeat(16)
  expect(partsOf('/lease/:leaseId/log', `/lease/${id}/log`)).toEqual({ leaseId: id })
  expect(partsOf('/lease/:leaseId', `/lease/${id}/log`)).toBeUndefined()
  expect(partsOf('/leases', '/leases')).toEqual({})
  for (const part of ['', 'a%20b', '%', '$(x)', 'a;b', "'", 'a'.repeat(131)])
    expect(partsOf('/lease/:leaseId', `/lease/${part}`), part).toBeUndefined()
})
