import type { ComponentChildren } from 'preact'
import type { Live } from '../api/live.ts'
import { useCommands } from './equivalents.tsx'
import { Told } from './told.tsx'

type Given<T> = {
  readonly title: string
  /** The same on a terminal. */
  readonly cli: readonly string[]
  readonly live: Live<T>
  /** Beside the title: what can be done here. */
  readonly actions?: ComponentChildren
  readonly children: (data: T) => ComponentChildren
}

/** A screen of live rows: its title, what it shows once it is there, and what went wrong, beside what was shown before. */
export const Screen = <T,>({ title, cli, live, actions, children }: Given<T>) => {
  const data = live.data.value
  const fault = live.fault.value
  useCommands(cli)
  return (
    <>
      <div class="title">
        <h1>{title}</h1>
        {actions}
      </div>
      {fault && <Told told={fault} />}
      {data === undefined ? fault === undefined && <p class="loading">Loading…</p> : children(data)}
    </>
  )
}
