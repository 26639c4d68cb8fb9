import { useEffect, useRef } from 'preact/hooks'
import { showNumber } from '../../../../domain/shown.ts'
import { type Counting, countedAt } from './counting.ts'

/** 12345 msat → `12.345`. */
const shownMsat = (msat: bigint): string => `${showNumber(msat / 1_000n)}.${String(msat % 1_000n).padStart(3, '0')}`

/** A voice that said every tick would say nothing else. */
const SAID_EVERY_TICKS = 15

/** What is owed, running on between ticks; each tick says anew what it really is. */
export const Counter = ({ counting, label }: { readonly counting: Counting; readonly label: string }) => {
  const shown = useRef<HTMLSpanElement>(null)
  const said = useRef(counting)
  if (Math.abs(counting.tick - said.current.tick) >= SAID_EVERY_TICKS || counting.msatPerS === 0n)
    said.current = counting
  useEffect(() => {
    const isStill = counting.msatPerS === 0n || matchMedia('(prefers-reduced-motion: reduce)').matches
    let frame = 0
    const draw = (): void => {
      const msat = isStill ? counting.owedMsat : countedAt(counting, Date.now())
      if (shown.current !== null) shown.current.textContent = shownMsat(msat)
      if (!isStill) frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [counting])
  return (
    <div>
      <div class="faint">{label}</div>
      <div class="big">
        <span ref={shown} aria-hidden="true" /> <span aria-hidden="true">sats</span>
        <span class="unseen" aria-live="polite">
          {shownMsat(said.current.owedMsat)} sats at tick {said.current.tick}
        </span>
      </div>
      <div class="faint">
        {counting.msatPerS === 0n
          ? `as of tick ${counting.tick}; nothing more is owed now`
          : `tick ${counting.tick}; until the next it goes on at ${shownMsat(counting.msatPerS)} sats a second`}
      </div>
    </div>
  )
}
