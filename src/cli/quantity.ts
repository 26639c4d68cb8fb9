import { InvalidArgumentError } from '@commander-js/extra-typings'

export { msatToSats, showNumber, showSize, showTime } from '../../domain/shown.ts'

const SIZE_UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  B: 1n,
  kB: 1_000n,
  KB: 1_000n,
  MB: 1_000_000n,
  GB: 1_000_000_000n,
  TB: 1_000_000_000_000n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
  TiB: 1n << 40n,
  K: 1n << 10n,
  M: 1n << 20n,
  G: 1n << 30n,
  T: 1n << 40n,
}
const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `256MiB`, `1.5GiB`, `1000` → bytes; at most three decimals. @throws InvalidArgumentError */
export const parseSize = (text: string): bigint => {
  const [, whole = '', decimals = '', unit = ''] = /^(\d{1,15})(?:\.(\d{1,3}))? ?([A-Za-z]{0,3})$/.exec(text) ?? []
  const factor = SIZE_UNITS[unit]
  if (whole === '' || factor === undefined)
    throw new InvalidArgumentError('Not a size: write a number and a unit, as in 256MiB or 1GiB.')
  return (BigInt(`${whole}${decimals.padEnd(3, '0')}`) * factor) / 1_000n
}

/** `90s`, `1h`, `1h30m`, `500ms`, `2d` → ms. A bare number has no meaning that everybody shares, and is refused. @throws InvalidArgumentError */
export const parseDuration = (text: string): number => {
  const parts = [...text.matchAll(/(\d{1,9})(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new InvalidArgumentError('Not a duration: write a number and a unit, as in 90s, 5m or 1h30m.')
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * DURATION_UNITS[unit!]!, 0)
}

/** A duration in whole seconds, above 0. @throws InvalidArgumentError */
export const parseSeconds = (text: string): number => {
  const ms = parseDuration(text)
  if (ms < 1_000 || ms % 1_000 !== 0) throw new InvalidArgumentError('Not a duration in whole seconds, 1s or more.')
  return ms / 1_000
}

/** Sats, a whole number from 1. @throws InvalidArgumentError */
export const parseSats = (text: string): bigint => {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new InvalidArgumentError('Not an amount: write whole sats, as in 50000.')
  return BigInt(text)
}

/** A whole number from 1 to `most`. */
export const parseUpTo =
  (most: number) =>
  /** @throws InvalidArgumentError */
  (text: string): number => {
    const value = Number(text)
    if (!(Number.isInteger(value) && value >= 1 && value <= most))
      throw new InvalidArgumentError(`Not a whole number from 1 to ${most}.`)
    return value
  }

/** Cores, `0.5` or `2` → thousandths. @throws InvalidArgumentError */
export const parseCpu = (text: string): number => {
  const millis = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1_000) : 0
  if (millis < 10) throw new InvalidArgumentError('Not a number of cores: write 1, 2 or 0.5.')
  return millis
}

/** 0 to 100, at most one decimal. @throws InvalidArgumentError */
export const parsePercent = (text: string): number => {
  if (!/^\d{1,3}(\.\d)?$/.test(text) || Number(text) > 100)
    throw new InvalidArgumentError('Not a share in percent: write 95 or 99.5.')
  return Number(text)
}

/** @throws InvalidArgumentError */
export const parseCount = (text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Not a number of 1 to 9999.')
  return Number(text)
}
