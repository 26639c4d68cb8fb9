import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { remotePath, scpCommand, sshCommand } from '../../src/shell/ssh-command.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { LIMIT_MS, type Market, openMarket } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { stopLease } from './story.ts'
import { plantTree, treeOf } from './tree.ts'

const missing = [
  ...['unshare', 'nsenter', 'setpriv'].filter((name) => findProgram(name) === undefined),
  ...(staticBusybox() === undefined ? ['busybox-static'] : []),
  ...missingClients,
]
const unable = skipped || (missing.length > 0 && !process.env['CI'])

describe.skipIf(unable)(
  `a lease without Docker ${missing.map((name) => `(no ${name})`)}`,
  { timeout: 2 * LIMIT_MS },
  () => {
    let market: Market
    let leaseId: string
    beforeAll(async () => {
      market = await openMarket({ machines: 'namespace' })
      leaseId = await market.rent()
    }, 2 * LIMIT_MS)
    afterAll(() => market?.close(), 2 * LIMIT_MS)

    it('runs commands and carries files', async () => {
      const target = await targetOf(market, leaseId)
      const { code, out, err } = await run(sshCommand(target, ['id -u; echo err >&2; exit 7']))
      expect({ code, out: out.toString(), err }).toEqual({ code: 7, out: '0\n', err: 'err\n' })
      const [source, back] = [join(market.folder, 'source'), join(market.folder, 'back')]
      plantTree(source)
      expect((await run(scpCommand(target, ['-rpq', source, remotePath(target, 'there')]))).code).toBe(0)
      expect((await run(scpCommand(target, ['-rpq', remotePath(target, 'there'), back]))).code).toBe(0)
      expect(treeOf(back)).toEqual(treeOf(source))
    })

    it('is paid on the chain to the sat, signed by both, and leaves nothing', async () => {
      expect((await stopLease(market.publisher, leaseId)).__typename).toBe('LeaseStopped')
      const { settled, other } = await expectPaidOnChain(market, leaseId)
      expect(settled.end).toMatchObject({ code: 'stopped-by-publisher' })
      expect(other.usage).toEqual(settled.usage)
      const signed = await market.when(
        market.publisher,
        leaseId,
        ({ receipt }) => receipt?.publisherSignature !== undefined,
      )
      expect(signed.receipt?.providerSignature).toBeDefined()
      await market.when(market.provider, leaseId, ({ released }) => released)
    })
  },
)
