import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PLANTS } from './plants.ts'

// The run itself takes minutes: node test/mutation/run.ts. Here: that each bug can still be planted, in one place.
describe('bugs to plant', () => {
  it.each(PLANTS)('$file: $find', ({ file, find, replace }) => {
    const text = readFileSync(file, 'utf8')
    expect(text.split(find).length - 1).toBe(1)
    expect(replace).not.toBe(find)
  })
})
