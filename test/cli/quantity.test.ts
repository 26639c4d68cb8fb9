import { InvalidArgumentError } from '@commander-js/extra-typings'
import { expect, it } from 'vitest'
import {
  msatToSats,
  parseCount,
  parseCpu,
  parseDuration,
  parsePercent,
  parseSats,
  parseSeconds,
  parseSize,
  showNumber,
  showSize,
  showTime,
} from '../../src/cli/quantity.ts'

it('reads sizes', () => {
  expect(parseSize('256MiB')).toBe(268_435_456n)
  expect(parseSize('1GiB')).toBe(1_073_741_824n)
  expect(parseSize('1.5G')).toBe(1_610_612_736n)
  expect(parseSize('5GB')).toBe(5_000_000_000n)
  expect(parseSize('1000')).toBe(1_000n)
})

it('reads durations', () => {
  expect(parseDuration('90s')).toBe(90_000)
  expect(parseDuration('1h30m')).toBe(5_400_000)
  expect(parseDuration('500ms')).toBe(500)
  expect(parseSeconds('2d')).toBe(172_800)
})

it('reads cores, counts and sats', () => {
  expect(parseCpu('0.5')).toBe(500)
  expect(parseCpu('2')).toBe(2_000)
  expect(parseCount('3')).toBe(3)
  expect(parsePercent('99.5')).toBe(99.5)
  expect(parseSats('50000')).toBe(50_000n)
})

it('refuses what could mean something else', () => {
  for (const text of ['', 'x', '1 MiB extra', '-1GiB', '1.2345GiB', '1mib', '1e9'])
    expect(() => parseSize(text), text).toThrow(InvalidArgumentError)
  for (const text of ['', '90', 's', '1h 30m', '-1s', '1.5h', '1y'])
    expect(() => parseDuration(text), text).toThrow(InvalidArgumentError)
  for (const text of ['500ms', '1500ms']) expect(() => parseSeconds(text), text).toThrow(InvalidArgumentError)
  for (const text of ['', '0', '-1', 'NaN', '1e3', '0.0001'])
    expect(() => parseCpu(text), text).toThrow(InvalidArgumentError)
  for (const text of ['0', '1.5', '-1', '0x10', '99999999999999999'])
    expect(() => parseSats(text), text).toThrow(InvalidArgumentError)
  for (const text of ['101', '-1', '95%', '99.95', ''])
    expect(() => parsePercent(text), text).toThrow(InvalidArgumentError)
  for (const text of ['0', 'a', '10000']) expect(() => parseCount(text), text).toThrow(InvalidArgumentError)
})

it('shows amounts for people', () => {
  expect(showNumber(1234567n)).toBe('1,234,567')
  expect(showNumber('-1234')).toBe('-1,234')
  expect(showNumber(999)).toBe('999')
  expect(msatToSats('1001')).toBe(2n)
  expect(showSize(268_435_456n)).toBe('256MiB')
  expect(showSize('1610612736')).toBe('1.5GiB')
  expect(showSize(0)).toBe('0B')
  expect([0, 40.9, 3_900, 3_600, 183_600].map(showTime)).toEqual(['0s', '40s', '1h 5m', '1h', '2d 3h'])
})
