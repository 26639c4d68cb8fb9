import { useSignal } from '@preact/signals'

/** A text to be pasted elsewhere: a command, an address. */
export const Copied = ({ text }: { readonly text: string }) => {
  const isDone = useSignal(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(text).catch(() => undefined)
    isDone.value = true
  }
  return (
    <span class="copied">
      <code>{text}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy ${text}`}>
        {isDone.value ? 'copied' : 'copy'}
      </button>
    </span>
  )
}
