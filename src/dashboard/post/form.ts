/** What the form holds: the text of each field. Empty means: as the node has it by default. */
export type Form = {
  readonly label: string
  readonly image: string
  readonly count: string
  /** Cores. */
  readonly cpu: string
  readonly memoryMiB: string
  readonly diskMiB: string
  readonly pids: string
  readonly minutes: string
  readonly maxHourlySats: string
  readonly isolation: 'NONE' | 'NAMESPACE' | 'CONTAINER' | 'VM'
  readonly network: 'NONE' | 'BRIDGE'
  /** Percent of the last 30 days that a provider must have been there. */
  readonly minAvailability: string
  readonly keepKey: boolean
  /** OpenSSH public keys, one a line. */
  readonly keys: string
  readonly budgetSats: string
  readonly mostSats: string
  /** Nobody agreed after so many: withdrawn. Empty: it stands until its expiry. */
  readonly waitSeconds: string
  readonly expiryBlocks: string
  readonly renewUpToMinutes: string
  readonly noticeSeconds: string
  readonly maxPauseMinutes: string
  readonly dataGraceSeconds: string
}

export const FIRST_FORM: Form = {
  label: 'first lease',
  image: '',
  count: '1',
  cpu: '1',
  memoryMiB: '256',
  diskMiB: '64',
  pids: '',
  minutes: '10',
  maxHourlySats: '10000',
  isolation: 'NONE',
  network: 'NONE',
  minAvailability: '',
  keepKey: true,
  keys: '',
  budgetSats: '',
  mostSats: '',
  waitSeconds: '120',
  expiryBlocks: '',
  renewUpToMinutes: '',
  noticeSeconds: '',
  maxPauseMinutes: '',
  dataGraceSeconds: '',
}

type Preset = { readonly name: string; readonly changes: Partial<Form> }

/** To begin with. They leave the price as it is: what is right depends on the market. */
export const PRESETS: readonly Preset[] = [
  {
    name: 'A first look: one core, ten minutes',
    changes: { label: 'first lease', count: '1', cpu: '1', memoryMiB: '256', diskMiB: '64', minutes: '10' },
  },
  {
    name: 'An hour of work: two cores, 1 GiB',
    changes: { label: 'an hour of work', count: '1', cpu: '2', memoryMiB: '1024', diskMiB: '1024', minutes: '60' },
  },
  {
    name: 'A batch: four machines for an hour',
    changes: { label: 'a batch', count: '4', cpu: '1', memoryMiB: '512', diskMiB: '512', minutes: '60' },
  },
]
