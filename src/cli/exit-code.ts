import { Fault } from '../../domain/fault.ts'

/** What `zennet` ends with: a contract with scripts, told in docs/command-line.md. `rent` and `lease ssh` end with the code of the command in the machine. */
export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  network: 5,
  conflict: 6,
  funds: 7,
  timedOut: 8,
  interrupted: 130,
} as const

/** By code of a fault or a problem; the others are `EXIT.fault`. */
export const BY_CODE: Readonly<Record<string, number>> = {
  'api.bad-input': EXIT.usage,
  'cli.usage': EXIT.usage,
  'cli.bad-contexts': EXIT.usage,
  'cli.bad-request': EXIT.usage,
  'config.bad-value': EXIT.usage,
  'config.unknown-key': EXIT.usage,
  'config.bad-file': EXIT.usage,
  'config.no-chain-login': EXIT.usage,
  'wallet.bad-mnemonic': EXIT.usage,
  'chain.bad-address': EXIT.usage,
  'dust-output': EXIT.usage,
  'wallet.bad-psbt': EXIT.usage,
  'fee-too-low': EXIT.usage,
  'top-up-too-small': EXIT.usage,
  'receipt.malformed': EXIT.usage,
  'receipt.too-large': EXIT.usage,
  'receipt.one-sided': EXIT.conflict,
  'not-found': EXIT.notFound,
  'unknown-transaction': EXIT.notFound,
  'unknown-address': EXIT.notFound,
  'wallet.no-keystore': EXIT.notFound,
  'journal.no-file': EXIT.notFound,
  'api.unauthorized': EXIT.notAllowed,
  'api.foreign-origin': EXIT.notAllowed,
  'api.foreign-host': EXIT.notAllowed,
  'not-own': EXIT.notAllowed,
  'wallet.wrong-password': EXIT.notAllowed,
  'wallet-locked': EXIT.notAllowed,
  'wallet.open-to-others': EXIT.notAllowed,
  'api.unreachable': EXIT.network,
  'api.timeout': EXIT.network,
  'chain.unreachable': EXIT.network,
  'state-conflict': EXIT.conflict,
  withdrawn: EXIT.conflict,
  'lease-active': EXIT.conflict,
  'not-better': EXIT.conflict,
  'no-notice': EXIT.conflict,
  'notice-given': EXIT.conflict,
  'change-pending': EXIT.conflict,
  'channel-open': EXIT.conflict,
  'machine-stands': EXIT.conflict,
  'announcement-standing': EXIT.conflict,
  'not-a-publisher': EXIT.conflict,
  'not-a-provider': EXIT.conflict,
  'reads-only': EXIT.conflict,
  standby: EXIT.conflict,
  'node.no-wallet': EXIT.conflict,
  'node.locked': EXIT.conflict,
  'wallet.exists': EXIT.conflict,
  'wallet.psbt-incomplete': EXIT.conflict,
  'not-waiting': EXIT.conflict,
  'nothing-to-bump': EXIT.conflict,
  'no-password': EXIT.conflict,
  'top-up-pending': EXIT.conflict,
  'too-many-top-ups': EXIT.conflict,
  ending: EXIT.conflict,
  'lease-ended': EXIT.conflict,
  expiring: EXIT.conflict,
  'api.port-taken': EXIT.conflict,
  'insufficient-funds': EXIT.funds,
  'cli.declined': EXIT.interrupted,
  'cli.timed-out': EXIT.timedOut,
  'cli.interrupted': EXIT.interrupted,
}

export const exitCodeOf = (error: unknown): number =>
  error instanceof Fault ? (BY_CODE[error.code] ?? EXIT.fault) : EXIT.fault

/** A command line that cannot be meant. */
export const usageFault = (message: string, next = 'See --help.'): Fault =>
  new Fault('cli.usage', message, { culprit: 'you', next })

export const notFound = (what: string, next: string): Fault => new Fault('not-found', what, { culprit: 'you', next })
