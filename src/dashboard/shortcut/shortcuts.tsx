import { useEffect, useRef } from 'preact/hooks'
import { SEARCH_ID } from '../chain/search-box.tsx'
import { go } from '../route.ts'
import { screenAt } from '../screens.ts'
import { DESTINATIONS } from './destinations.ts'
import { listen } from './listen.ts'

const titleOf = (path: string): string | undefined => screenAt(path)?.screen.title

/** Listens to the keys of the whole page, and shows which there are. */
export const Shortcuts = () => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(
    () =>
      listen(
        (key) => {
          const path = DESTINATIONS[key]
          return path !== undefined && titleOf(path) !== undefined ? path : undefined
        },
        (what) => {
          if (what === 'list') dialog.current?.showModal()
          else if (what === 'search') document.getElementById(SEARCH_ID)?.focus()
          else go(what.go)
        },
      ),
    [],
  )
  return (
    <>
      <button type="button" class="quiet" aria-label="Keys" title="Keys" onClick={() => dialog.current?.showModal()}>
        ?
      </button>
      <dialog ref={dialog} aria-label="Keys" class="keys">
        <h2>Keys</h2>
        <dl class="facts">
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>find a block, transaction, address, lease or key</dd>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>this list</dd>
          {Object.entries(DESTINATIONS).map(([key, path]) => {
            const title = titleOf(path)
            return title === undefined ? null : <KeyLine key={key} of={key} title={title} />
          })}
        </dl>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  )
}

const KeyLine = ({ of, title }: { readonly of: string; readonly title: string }) => (
  <>
    <dt>
      <kbd>g</kbd> <kbd>{of}</kbd>
    </dt>
    <dd>{title}</dd>
  </>
)
