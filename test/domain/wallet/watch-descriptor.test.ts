import { mnemonicToSeedSync } from '@scure/bip39'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { encodeAddress } from '../../../domain/chain/address.ts'
import { withChecksum } from '../../../domain/chain/descriptor.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { Fault } from '../../../domain/fault.ts'
import { readDescriptor } from '../../../domain/wallet/watch-descriptor.ts'
import { deriveKeys } from '../../../src/wallet/keys.ts'

const network = networkNamed('regtest')
const keys = deriveKeys(mnemonicToSeedSync(`${'abandon '.repeat(11)}about`), network)
const watchKey = keys.watchKey('receive')
const parent = watchKey.slice(0, -'/0/*'.length)
const publicKey = toHex(keys.receive(0).publicKey)
const scripts = (text: string, count = 3) =>
  readDescriptor(text, network).branches.map(({ scriptAt }) =>
    Array.from({ length: count }, (_, index) => toHex(scriptAt(index))),
  )
const codeOf = (text: string): string => {
  try {
    readDescriptor(text, network)
    return 'read'
  } catch (error) {
    return error instanceof Fault ? error.code : String(error)
  }
}

it('finds the scripts of an account, with and without its checksum', () => {
  const own = [0, 1, 2].map((index) => toHex(keys.receive(index).script))
  const whole = withChecksum(`wpkh(${watchKey})`)
  expect(scripts(whole)).toEqual([own])
  expect(scripts(` wpkh(${watchKey})\n`)).toEqual([own])
  expect(readDescriptor(`wpkh(${watchKey})`, network).text).toBe(whole)
})

it('finds both branches of one descriptor (BIP 389)', () => {
  expect(scripts(`wpkh(${parent}/<0;1>/*)`)).toEqual([
    [0, 1, 2].map((index) => toHex(keys.receive(index).script)),
    [0, 1, 2].map((index) => toHex(keys.change(index).script)),
  ])
})

it('knows one key, one address, and older kinds of script', () => {
  expect(scripts(`wpkh(${publicKey})`, 1)).toEqual([[toHex(keys.receive(0).script)]])
  expect(scripts(`wpkh(${parent}/0/0)`, 1)).toEqual([[toHex(keys.receive(0).script)]])
  expect(readDescriptor(`wpkh(${publicKey})`, network).branches[0]!.ranged).toBe(false)
  const address = encodeAddress(network, keys.receive(1).script)
  expect(scripts(`addr(${address})`, 1)).toEqual([[toHex(keys.receive(1).script)]])
  expect(scripts(`pkh(${watchKey})`)[0]![0]).toMatch(/^76a914[0-9a-f]{40}88ac$/)
  expect(scripts(`sh(wpkh(${watchKey}))`)[0]![0]).toMatch(/^a914[0-9a-f]{40}87$/)
})

it.each([
  ['a wrong checksum', `wpkh(${watchKey})#aaaaaaaa`],
  ['a checksum cut off', withChecksum(`wpkh(${watchKey})`).slice(0, -1)],
  ['two checksums', `${withChecksum(`wpkh(${watchKey})`)}#aaaaaaaa`],
  ['nothing', ''],
  ['no script around', watchKey],
  ['a script that is not known', `tr(${watchKey})`],
  ['a hardened step', `wpkh(${parent}/0h/*)`],
  ['a step too large', `wpkh(${parent}/2147483648/*)`],
  ['two steps of two branches', `wpkh(${parent}/<0;1>/<0;1>/*)`],
  ['too many steps', `wpkh(${parent}${'/0'.repeat(11)}/*)`],
  ['steps below a plain key', `wpkh(${publicKey}/0/*)`],
  ['a key that is no point', `wpkh(02${'ff'.repeat(32)}/0)`],
  ['a key of another network', `wpkh(${deriveKeys(new Uint8Array(64).fill(1), { coinType: 0 }).watchKey('receive')})`],
  ['a key cut off', `wpkh(${watchKey.replace('/0/*', '').slice(0, -1)}/0/*)`],
  ['an uncompressed key', `wpkh(04${'11'.repeat(64)})`],
  ['a character that none has', 'wpkh(ü)'],
  ['a text without end', `wpkh(${'['.repeat(1_000)})`],
])('refuses %s', (_, text) => {
  expect(codeOf(text)).toBe('wallet.bad-descriptor')
})

it('refuses a private key, and says so', () => {
  // BIP 32, test vector 1, as `tprv`.
  const secret =
    'tprv8ZgxMBicQKsPeDgjzdC36fs6bMjGApWDNLR9erAXMs5skhMv36j9MV5ecvfavji5khqjWaWSFhN3YcCUUdiKH6isR4Pwy3U5y5egddBr16m'
  expect(() => readDescriptor(`wpkh(${secret}/0/*)`, network)).toThrow(/private key/)
})

it('reads or refuses whatever it is given', () => {
  const whole = `wpkh(${watchKey})`
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), (at, other) => {
      expect(['read', 'wallet.bad-descriptor', 'chain.bad-address']).toContain(
        codeOf(whole.slice(0, at) + other + whole.slice(at + 1)),
      )
    }),
    { numRuns: 300 },
  )
})
