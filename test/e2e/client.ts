import { join } from 'node:path'
import { pinHost, type ShellTarget } from '../../src/shell/ssh-command.ts'
import type { Market } from './market.ts'
import { leaseOf } from './story.ts'

/** Where ssh reaches a lease's machine: the port that the publisher's node opens on loopback, with the host key pinned. */
export const targetOf = async (market: Market, leaseId: string): Promise<ShellTarget> => {
  const lease = await leaseOf(market.publisher, leaseId)
  if (!lease?.shell) throw new Error(`the lease has no shell: ${JSON.stringify(lease)}`)
  return await pinHost(join(market.folder, 'client', leaseId), lease.shell, market.identity.file)
}
