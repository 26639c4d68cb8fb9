import { useId } from 'preact/hooks'
import { setParameters } from '../../route.ts'

type Given = {
  /** How many facts there are. */
  readonly most: number
  /** How many of them are folded. */
  readonly at: number
  readonly isLive: boolean
}

/** Goes to a version; the newest of a lease that lives is the present, which needs no parameter. */
export const goTo = (version: number, most: number): void =>
  setParameters({ at: version >= most ? '' : String(Math.max(0, version)) })

/** The version that the address line asks for, within what there is. */
export const versionOf = (parameter: string | null, most: number): number => {
  const wanted = parameter !== null && /^\d{1,9}$/.test(parameter) ? Number(parameter) : most
  return Math.min(wanted, most)
}

/** A slider through the lease's life. */
export const Travel = ({ most, at, isLive }: Given) => {
  const id = useId()
  return (
    <div class="travel">
      <label for={id}>
        Version <span class="figure">{at}</span> of <span class="figure">{most}</span>
        {isLive ? ', the present: it follows what happens' : ', in the past'}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={most}
        value={at}
        aria-valuetext={`version ${at} of ${most}`}
        onInput={(event) => goTo(Number(event.currentTarget.value), most)}
      />
      <div class="row">
        <button type="button" class="quiet" disabled={at === 0} onClick={() => goTo(0, most)}>
          First
        </button>
        <button type="button" class="quiet" disabled={at === 0} onClick={() => goTo(at - 1, most)}>
          Back
        </button>
        <button type="button" class="quiet" disabled={at >= most} onClick={() => goTo(at + 1, most)}>
          Forward
        </button>
        <button type="button" class="quiet" disabled={isLive} onClick={() => goTo(most, most)}>
          Newest
        </button>
      </div>
    </div>
  )
}
