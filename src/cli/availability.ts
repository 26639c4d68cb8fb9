import { showTime } from './quantity.ts'

/** Shares of 1; `fullShare` is null where nothing was served. */
export type AvailabilityView = {
  readonly spanS: number
  readonly lentShare: number
  readonly served: { readonly fullShare: number | null }
}

/** How available a provider says that it was, and over how long: what `--min-availability` is held against. */
export const showAvailability = ({ spanS, lentShare, served }: AvailabilityView): string =>
  `${showShare(Math.min(lentShare, served.fullShare ?? 1))} of ${showTime(spanS)}`

/** What this node saw itself. */
export const showSeen = (seen: { readonly fullShare: number | null; readonly servedS: number }): string =>
  seen.fullShare === null ? '' : `${showShare(seen.fullShare)} of ${showTime(seen.servedS)}`

const showShare = (share: number): string => `${Math.floor(share * 1_000) / 10} %`
