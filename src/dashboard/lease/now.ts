import { type ReadonlySignal, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

const now = signal(Date.now())
let readers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The time, Unix ms, each second while somebody looks at it. */
export const useNow = (): ReadonlySignal<number> => {
  useEffect(() => {
    if (readers++ === 0) {
      now.value = Date.now()
      timer = setInterval(() => {
        now.value = Date.now()
      }, 1_000)
    }
    return () => {
      if (--readers === 0) clearInterval(timer)
    }
  }, [])
  return now
}
