import { describe, expect, it } from 'vitest'
import { wrapped } from '../../src/cli/start/wrapped.ts'

describe('a line for a terminal', () => {
  it('stays as it is where it fits', () =>
    expect(wrapped('  1 announce   here', 19, 15)).toEqual(['  1 announce   here']))

  it('breaks between words, and goes on below the text', () =>
    expect(wrapped('  1 announce   on the chain in 729bd2e38a6e7d60', 40, 15)).toEqual([
      '  1 announce   on the chain in',
      '               729bd2e38a6e7d60',
    ]))

  it('loses no word, and keeps each line within the columns', () => {
    const words = Array.from({ length: 200 }, (_, at) => 'x'.repeat((at % 20) + 1))
    const lines = wrapped(`   ${words.join(' ')}`, 60, 15)
    expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words)
    expect(lines.filter((line) => line.length > 60)).toEqual([])
  })

  it('keeps a word whole that has no room on any line', () => {
    const hash = 'f'.repeat(64)
    expect(wrapped(`               transaction ${hash}`, 60, 15)).toEqual([
      '               transaction',
      `               ${hash}`,
    ])
  })

  it('leaves a terminal alone that is too narrow for a margin', () => {
    const text = 'one two three four five six seven eight nine ten'
    expect(wrapped(text, 30, 15)).toEqual([text])
  })
})
