import { Time } from '../part/shown.tsx'

/** A chain whose newest block is older than this may not be read to its end yet, s. Blocks come every ten minutes or faster. */
export const OLD_BLOCK_S = 3 * 3_600

/** How old the newest block is, s; undefined: there is none. */
export const blockAgeS = (now: string, newest: string | undefined): number | undefined =>
  newest === undefined ? undefined : Math.max(0, (Date.parse(now) - Date.parse(newest)) / 1_000)

/** Says that coins may be missing because the node has not read all of the chain. */
export const Behind = ({ now, newest }: { readonly now: string; readonly newest: string | undefined }) => {
  const ageS = blockAgeS(now, newest)
  if (ageS !== undefined && ageS <= OLD_BLOCK_S) return null
  return (
    <p class="note" role="status">
      {ageS === undefined ? (
        'This node has read no block yet'
      ) : (
        <>
          The newest block that this node has read is <Time of={ageS} /> old
        </>
      )}
      : it may still be reading the chain, and coins may be missing here until then. <a href="/health">Health</a> says
      more.
    </p>
  )
}
