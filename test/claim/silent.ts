import type { Log } from '../../src/log/port.ts'

/** Says nothing. */
export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
