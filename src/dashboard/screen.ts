import type { ComponentType } from 'preact'

/** A page of the dashboard. `:name` in its path is given to it as a property of that name. */
export type Screen = {
  readonly path: string
  readonly title: string
  /** Where it stands in the menu; absent: it is reached from others. */
  readonly menu?: 'Rent' | 'Lend' | 'Money' | 'Network'
  /** Loaded when it is looked at for the first time. */
  load(): Promise<ComponentType<Readonly<Record<string, string>>>>
}
