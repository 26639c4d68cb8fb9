import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'

/** A text to be pasted elsewhere: a command, an address. Where the browser gives no clipboard, it is marked to be copied by hand. */
export const Copied = ({ text }: { readonly text: string }) => {
  const shown = useRef<HTMLElement>(null)
  const done = useSignal<{ readonly text: string; readonly how: string } | undefined>(undefined)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      done.value = { text, how: 'copied' }
    } catch {
      if (shown.current !== null) getSelection()?.selectAllChildren(shown.current)
      done.value = { text, how: 'marked: copy it by hand' }
    }
  }
  const how = done.value?.text === text ? done.value.how : 'copy'
  return (
    <span class="copied">
      <code ref={shown}>{text}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={how === 'copy' ? `Copy ${text}` : how}>
        {how}
      </button>
    </span>
  )
}
