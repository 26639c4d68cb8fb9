import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { Fault } from '../api/fault.ts'
import { Told } from './told.tsx'

type Given = {
  readonly label: string
  /** Larger files are not read. */
  readonly maxBytes: number
  /** What it throws is told. */
  readonly take: (text: string, name: string) => void | Promise<void>
}

/** A file of the person’s: chosen, or dropped here. It is read in the browser and sent nowhere. */
export const ChosenFile = ({ label, maxBytes, take }: Given) => {
  const fault = useSignal<Fault | undefined>(undefined)
  const isOver = useSignal(false)
  const id = useId()
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    fault.value = undefined
    try {
      if (file.size > maxBytes) throw tooLarge(maxBytes)
      await take(await file.text(), file.name)
    } catch (error) {
      fault.value = error instanceof Fault ? error : unreadable(error)
    }
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the field inside it is for everybody */}
      <div
        class={isOver.value ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault()
          isOver.value = true
        }}
        onDragLeave={() => {
          isOver.value = false
        }}
        onDrop={(event) => {
          event.preventDefault()
          isOver.value = false
          void read(event.dataTransfer?.files[0])
        }}
      >
        <label for={id}>
          {label}
          <input
            id={id}
            type="file"
            onClick={(event) => {
              // The same file, changed meanwhile, can be chosen again.
              event.currentTarget.value = ''
            }}
            onChange={(event) => void read(event.currentTarget.files?.[0])}
          />
        </label>
        <p class="faint">Or drop it here. It is read in this browser and sent nowhere.</p>
      </div>
      {fault.value && <Told told={fault.value} />}
    </>
  )
}

const tooLarge = (maxBytes: number): Fault =>
  new Fault({
    code: 'dashboard.file-too-large',
    message: `The file has more than ${maxBytes} bytes.`,
    culprit: 'you',
    next: 'Choose the right file: nothing of this one was read.',
  })

/** A fault of the domain’s has words of its own. */
const unreadable = (error: unknown): Fault => {
  const { code, message, culprit, next } = error as Partial<Fault>
  return new Fault({
    code: code ?? 'dashboard.file-unreadable',
    message: message ?? 'The file cannot be read.',
    culprit: culprit ?? 'you',
    next: next ?? 'Choose another one.',
  })
}
