import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

type Given<Props extends object> = {
  /** Gets the part; the same function each time. */
  readonly load: () => Promise<ComponentType<Props>>
  readonly given: Props
}

/** A part of a page whose code is large and comes when it is shown. Where it cannot be had, the page goes on without it. */
export const Lazy = <Props extends object>({ load, given }: Given<Props>) => {
  const part = useSignal<{ readonly is: ComponentType<Props> } | undefined>(undefined)
  const isLost = useSignal(false)
  useEffect(() => {
    load().then(
      (is) => {
        part.value = { is }
      },
      () => {
        isLost.value = true
      },
    )
  }, [load])
  if (isLost.value) return <p class="faint">This part could not be loaded. Load the page again.</p>
  const Part = part.value?.is
  return Part === undefined ? <p class="faint">Loading…</p> : <Part {...given} />
}
