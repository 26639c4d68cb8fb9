import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Fault } from '../../api/fault.ts'
import { Size } from '../../part/shown.tsx'
import { Told } from '../../part/told.tsx'
import { boundedTo } from './bounded.ts'
import { openScreen } from './screen-of.ts'
import { type Ended, openSession, type Session } from './session.ts'
import './terminal.css'

type State = 'opening' | 'open' | { readonly ended: Ended } | { readonly fault: Fault }

/** A shell in the leased machine. */
export const ShellWindow = ({ leaseId }: { readonly leaseId: string }) => {
  const box = useRef<HTMLDivElement>(null)
  const leave = useRef<HTMLButtonElement>(null)
  const screen = useRef<ReturnType<typeof openScreen> | undefined>(undefined)
  const session = useRef<Session | undefined>(undefined)
  const state = useSignal<State>('opening')
  const isRead = useSignal(false)
  const times = useSignal(0)
  const lost = useSignal(0)

  useEffect(() => {
    const opened = openScreen(box.current!, isRead.peek())
    screen.current = opened
    const { terminal } = opened
    const bytesOf = new TextEncoder()
    const binary = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255)
    session.current = openSession(
      leaseId,
      { columns: terminal.cols, rows: terminal.rows },
      {
        opened: () => {
          state.value = 'open'
          terminal.focus()
        },
        output: boundedTo(
          (bytes, drawn) => terminal.write(bytes, drawn),
          (bytes) => {
            lost.value = bytes
          },
        ),
        ended: (ended) => {
          state.value = { ended }
        },
        failed: (fault) => {
          state.value = { fault }
        },
      },
    )
    state.value = 'opening'
    lost.value = 0
    terminal.onData((text) => session.current?.input(bytesOf.encode(text)))
    terminal.onBinary((text) => session.current?.input(binary(text)))
    terminal.onResize(({ cols, rows }) => session.current?.resize({ columns: cols, rows }))
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.type !== 'keydown') return true
      if (event.key === 'Escape' && event.shiftKey) leave.current?.focus()
      else if (event.ctrlKey && event.shiftKey && event.code === 'KeyC') void copy()
      else return true
      event.preventDefault()
      return false
    })
    return () => {
      session.current?.close()
      opened.end()
    }
  }, [leaseId, times.value])

  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(screen.current?.terminal.getSelection() ?? '').catch(() => undefined)
  }
  const paste = async (): Promise<void> => {
    const text = await navigator.clipboard?.readText().catch(() => '')
    if (text) screen.current?.terminal.paste(text)
    screen.current?.terminal.focus()
  }
  const now = state.value
  return (
    <>
      <div class="row terminal-row">
        <button type="button" class="quiet" ref={leave} onClick={copy}>
          Copy what is marked
        </button>
        <button type="button" class="quiet" onClick={paste}>
          Paste
        </button>
        <label class="choice">
          <input
            type="checkbox"
            checked={isRead.value}
            onChange={(event) => {
              isRead.value = event.currentTarget.checked
              if (screen.current) screen.current.terminal.options.screenReaderMode = isRead.value
            }}
          />
          for a screen reader
        </label>
        <span role="status">{wordsOf(now)}</span>
        {typeof now === 'object' && (
          <button
            type="button"
            onClick={() => {
              times.value++
            }}
          >
            Open a new one
          </button>
        )}
      </div>
      {typeof now === 'object' && 'fault' in now && <Told told={now.fault} />}
      {lost.value > 0 && (
        <p class="note">
          It prints faster than it can be drawn: <Size of={lost.value} /> of it were left out.
        </p>
      )}
      <div class="terminal-box" ref={box} />
      <p class="faint">
        All keys go to the machine; Shift+Escape leaves the terminal. Ctrl+Shift+C copies, Ctrl+Shift+V pastes. What the
        machine prints cannot open links, name this page or touch the clipboard.
      </p>
    </>
  )
}

const wordsOf = (state: State): string => {
  if (state === 'opening') return 'opening…'
  if (state === 'open') return '● connected'
  if ('fault' in state) return '✗ not opened'
  const { ended } = state
  if (ended === 'lost') return '↻ the connection was lost, and the shell with it'
  if (ended.signal !== undefined) return `■ ended by signal ${ended.signal}`
  return `■ ended${ended.code === undefined ? '' : ` with exit code ${ended.code}`}`
}
