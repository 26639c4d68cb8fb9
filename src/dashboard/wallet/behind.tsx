import { blockAgeS, OLD_BLOCK_S } from '../part/block-age.ts'
import { Time } from '../part/shown.tsx'

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
