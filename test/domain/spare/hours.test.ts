import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL_DAY_MIN, minutesLeft, parseHours, showHours } from '../../../domain/spare/hours.ts'

const at = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const minute = fc.integer({ min: 0, max: ALL_DAY_MIN - 1 })

describe('hours', () => {
  it.each([
    ['18:00-08:00', '17:59', 0],
    ['18:00-08:00', '18:00', 14 * 60],
    ['18:00-08:00', '23:59', 8 * 60 + 1],
    ['18:00-08:00', '00:00', 8 * 60],
    ['18:00-08:00', '07:59', 1],
    ['18:00-08:00', '08:00', 0],
    ['12:00-13:00', '12:30', 30],
    ['12:00-13:00,13:00-14:30', '12:30', 120],
    ['12:00-13:00,12:30-14:00', '12:00', 120],
    ['22:00-24:00,00:00-06:00', '22:00', 8 * 60],
    ['00:00-24:00', '05:00', ALL_DAY_MIN],
    ['00:00-12:00,12:00-24:00', '11:00', ALL_DAY_MIN],
  ])('%s at %s: %i minutes', (text, clock, left) => {
    const hours = parseHours(text)!
    expect(minutesLeft(hours, at(clock))).toBe(left)
    expect(showHours(hours)).toBe(text)
  })

  it.each(['', '8-9', '24:00-25:00', '12:60-13:00', '12:00-12:00', '12:00', '12:00-13:00;', '12:00-24:01', ','])(
    'are not %j',
    (text) => expect(parseHours(text)).toBeUndefined(),
  )
  it('are not too many', () => expect(parseHours(Array(25).fill('12:00-13:00').join(','))).toBeUndefined())

  it('are what each minute alone says', () => {
    const window = fc.record({ from: minute, to: minute }).filter(({ from, to }) => from !== to)
    const isOpen = ({ from, to }: { from: number; to: number }, now: number) =>
      from < to ? from <= now && now < to : now >= from || now < to
    fc.assert(
      fc.property(fc.array(window, { maxLength: 4 }), minute, (hours, now) => {
        let left = 0
        while (left < ALL_DAY_MIN && hours.some((one) => isOpen(one, (now + left) % ALL_DAY_MIN))) left += 1
        expect(minutesLeft(hours, now)).toBe(left)
      }),
    )
  })
})
