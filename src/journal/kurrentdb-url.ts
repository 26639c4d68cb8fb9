import { Fault } from '../../domain/fault.ts'

/** Where a log is: a cluster, and which of the logs in it. */
export type KurrentdbPlace = {
  /** As the client takes it, with its password. */
  readonly connection: string
  /** Every stream of this log begins with it. */
  readonly prefix: string
  /** For people: without a password. */
  readonly shown: string
}

/** Name of the log when the address has none. */
export const DEFAULT_LOG = 'zennet'
const ADDRESS = /^(?:kurrentdb|kurrent|kdb|esdb)(?:\+discover)?:\/\/[^\s#]+$/
/** Without a colon, so that no log's prefix is the beginning of another's. */
const LOG = /^[a-z0-9_.]{1,40}$/

/**
 * `kurrentdb://user:password@host:2113,host2:2113?tls=true#log`: the client's connection string, and after `#` the log's name,
 * so that one cluster can hold the logs of several nodes.
 * @throws Fault `journal.bad-address`
 */
export const parseKurrentdbUrl = (url: string): KurrentdbPlace => {
  const [connection = '', log = DEFAULT_LOG, ...more] = url.trim().split('#')
  if (!ADDRESS.test(connection) || !LOG.test(log) || more.length > 0) {
    throw new Fault('journal.bad-address', 'this is not an address of a KurrentDB log', {
      culprit: 'you',
      next: 'Write it as kurrentdb://user:password@host:2113?tls=true#log, the name of the log in [a-z0-9_.].',
    })
  }
  const shown = `${connection.replace(/\/\/[^/?]*@/, '//').replace(/\?.*$/, '')}#${log}`
  return { connection, prefix: `${log}:`, shown }
}
