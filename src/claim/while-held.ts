import type { Claims, Held } from './port.ts'

/**
 * Does `work` while this node holds `name`: waits for its turn, and when the claim is lost waits and begins again. Ends when `work`
 * does, or `signal` is aborted. `work` must end soon after `held.signal` is aborted: only then may others begin, or it again.
 * @throws what `work` throws, unless it lost its claim
 */
export const whileHeld = async (
  claims: Claims,
  name: string,
  signal: AbortSignal,
  work: (held: Held) => Promise<void>,
): Promise<void> => {
  while (!signal.aborted) {
    const held = await claims.hold(name, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined
      throw error
    })
    if (held === undefined) return
    try {
      await work(held)
      if (!held.signal.aborted) return
    } catch (error) {
      if (!held.isLost(error) && !held.signal.aborted) throw error
    } finally {
      await held.release()
    }
  }
}
