import { useEffect } from 'preact/hooks'

/** Calls `act` now and every so often, while the page can be seen. */
export const useEvery = (ms: number, act: () => void): void => {
  useEffect(() => {
    const tick = (): void => {
      if (document.visibilityState === 'visible') act()
    }
    tick()
    const timer = setInterval(tick, ms)
    return () => clearInterval(timer)
  }, [])
}
