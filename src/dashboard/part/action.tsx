import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Fault, unreachable } from '../api/fault.ts'
import { Told } from './told.tsx'

type Given = {
  readonly label: string
  /** Does it. What it throws is told beside the button. */
  readonly run: () => Promise<unknown>
  /** Asked before: what will happen. Absent: it is done at once. */
  readonly sure?: ComponentChildren
  /** Told when it begins to ask. */
  readonly asks?: () => void
  readonly isBad?: boolean
  readonly isQuiet?: boolean
}

/** A button that changes something: asks first where it matters, cannot be pressed twice, and says what went wrong. */
export const Action = ({ label, run, sure, asks, isBad, isQuiet }: Given) => {
  const isRunning = useSignal(false)
  const fault = useSignal<Fault | undefined>(undefined)
  const dialog = useRef<HTMLDialogElement>(null)
  const act = async (): Promise<void> => {
    dialog.current?.close()
    if (isRunning.peek()) return
    isRunning.value = true
    fault.value = undefined
    try {
      await run()
    } catch (error) {
      fault.value = error instanceof Fault ? error : unreachable()
    }
    isRunning.value = false
  }
  const askFirst = (): void => {
    asks?.()
    dialog.current?.showModal()
  }
  const tone = isBad ? 'bad' : isQuiet ? 'quiet' : ''
  return (
    <>
      <button type="button" class={tone} disabled={isRunning.value} onClick={sure === undefined ? act : askFirst}>
        {isRunning.value ? `${label} …` : label}
      </button>
      {sure !== undefined && (
        <dialog ref={dialog} aria-label={label}>
          <div>{sure}</div>
          <div class="row">
            <button type="button" class={tone} onClick={act}>
              {label}
            </button>
            <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
              No
            </button>
          </div>
        </dialog>
      )}
      {fault.value && <Told told={fault.value} />}
    </>
  )
}
