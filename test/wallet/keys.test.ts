import { mnemonicToSeedSync } from '@scure/bip39'
import { expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { nobleCurve } from '../../src/curve/noble.ts'
import { deriveKeys } from '../../src/wallet/keys.ts'

const seed = mnemonicToSeedSync(`${'abandon '.repeat(11)}about`)

it('derives the keys of BIP 84’s test vector', () => {
  const keys = deriveKeys(seed, { coinType: 0 })
  expect(toHex(keys.receive(0).publicKey)).toBe('0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c')
  expect(toHex(keys.receive(1).publicKey)).toBe('03e775fd51f0dfb8cd865d9ff1cca2a158cf651fe997fdc9fee9c1d3b5e995ea77')
  expect(toHex(keys.change(0).publicKey)).toBe('03025324888e429ab8e3dbaf1f7802648b9cd01e9b418485c5fa4c1b9b5700e1a6')
  // bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu
  expect(toHex(keys.receive(0).script)).toBe('0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2')
})

it('keeps accounts, indexes and networks apart', () => {
  const [main, test] = [0, 1].map((coinType) => deriveKeys(seed, { coinType }))
  const all = [main!, test!].flatMap((keys) => [
    keys.identity,
    ...[0, 1, 2].flatMap((index) => [keys.receive(index), keys.change(index), keys.channel(index)]),
  ])
  expect(new Set(all.map((key) => toHex(key.secret))).size).toBe(20)
  for (const key of all) expect(nobleCurve.publicKey(key.secret)).toEqual(key.publicKey)
})

it('finds the same keys by path', () => {
  const keys = deriveKeys(seed, { coinType: 1 })
  expect(keys.at({ account: 'identity', index: 0 })).toBe(keys.identity)
  expect(keys.at({ account: 'channel', index: 7 })).toBe(keys.channel(7))
})
