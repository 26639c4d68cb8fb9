/** When a machine is lent out: minutes of a local day, from included to excluded. One that ends before it begins goes past midnight. */
export type Hours = readonly { readonly from: number; readonly to: number }[]

const DAY_MIN = 24 * 60
const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)$/
const MAX_WINDOWS = 24

/** `18:00-08:00,12:00-13:00`. Undefined when it is nothing of that form. */
export const parseHours = (text: string): Hours | undefined => {
  const parts = text.split(',')
  if (parts.length > MAX_WINDOWS) return undefined
  const hours = parts.map((part) => {
    const [whole, ...numbers] = WINDOW.exec(part.trim()) ?? []
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = numbers.map(Number)
    const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute]
    return whole === undefined || to > DAY_MIN || from === to ? undefined : { from, to }
  })
  return hours.every((one) => one !== undefined) ? hours : undefined
}

const pad = (value: number): string => String(value).padStart(2, '0')
const clockOf = (minute: number): string => `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`

export const showHours = (hours: Hours): string =>
  hours.map(({ from, to }) => `${clockOf(from)}-${clockOf(to)}`).join(',')

/** Minutes from `minute` to the end of a window that it lies in; undefined outside. */
const leftIn = ({ from, to }: Hours[number], minute: number): number | undefined => {
  const length = (to - from + DAY_MIN) % DAY_MIN || DAY_MIN
  const since = (minute - from + DAY_MIN) % DAY_MIN
  return since < length ? length - since : undefined
}

/**
 * How many minutes from `minute` of the local day on the machine is lent out without a break, over windows that meet; 0 outside of the
 * hours, a day when there is no end to it. A clock change in between moves the end by as much.
 */
export const minutesLeft = (hours: Hours, minute: number): number => {
  let left = 0
  for (;;) {
    const at = (minute + left) % DAY_MIN
    const more = Math.max(0, ...hours.map((window) => leftIn(window, at) ?? 0))
    if (more === 0) return left
    left += more
    if (left >= DAY_MIN) return DAY_MIN
  }
}

/** The same of all day. */
export const ALL_DAY_MIN = DAY_MIN
