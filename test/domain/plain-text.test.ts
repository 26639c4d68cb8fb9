import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainJson, plainText } from '../../domain/plain-text.ts'

/** What a terminal or a reader's eye could be misled by. */
const hostile = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029\u200b-\u200f\ufeff]/u

it('shows what a terminal would obey', () => {
  expect(plainText('a\x1b[2Jb\r\n')).toBe('a\\x1b[2Jb\\x0d\\x0a')
  expect(plainText('\u202egpj.exe')).toBe('\\u{202e}gpj.exe')
  expect(plainText('\x9b31m\x7f')).toBe('\\x9b31m\\x7f')
  expect(plainText('\ud800')).toBe('\\u{d800}')
})

it('leaves ordinary text of any language as it is', () => {
  for (const text of ['zennet/busybox:1', 'Größe – 東京 🚀', 'שלום']) expect(plainText(text)).toBe(text)
  expect(plainText(undefined)).toBe('')
})

it('lets nothing hostile through, whatever it is given', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !hostile.test(plainText(text))))
})

it('is still the same JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = plainJson({ text, list: [text] }, 2)
      expect(JSON.parse(json)).toEqual({ text, list: [text] })
      expect(hostile.test(json.replaceAll('\n', ''))).toBe(false)
    }),
  )
  expect(plainJson({ sats: 2n ** 60n })).toBe('{"sats":"1152921504606846976"}')
})
