import { signal } from '@preact/signals'

/** As the system has it, or as the person chose. */
export type Scheme = 'system' | 'light' | 'dark'

const NAME = 'zennet-scheme'
const SCHEMES: readonly Scheme[] = ['system', 'light', 'dark']

export const scheme = signal<Scheme>('system')

const show = (): void => {
  const { value } = scheme
  if (value === 'system') delete document.documentElement.dataset['scheme']
  else document.documentElement.dataset['scheme'] = value
}

export const chooseScheme = (chosen?: Scheme): void => {
  try {
    if (chosen !== undefined) localStorage.setItem(NAME, chosen)
    const kept = localStorage.getItem(NAME) as Scheme | null
    scheme.value = kept !== null && SCHEMES.includes(kept) ? kept : 'system'
  } catch {
    scheme.value = chosen ?? 'system'
  }
  show()
}

export const nextScheme = (): void => chooseScheme(SCHEMES[(SCHEMES.indexOf(scheme.peek()) + 1) % SCHEMES.length]!)
