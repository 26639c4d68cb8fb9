import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { journalFileInfo } from '../../src/journal/sqlite-info.ts'
import { findProgram } from '../../src/machine/host-program.ts'
import { staticBusybox } from '../../src/machine/toolbox.ts'
import { remotePath, scpCommand, sshCommand } from '../../src/shell/ssh-command.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import { targetOf } from './client.ts'
import { expectMeasuredInside, READS_OFTEN } from './inside.ts'
import { expectLogins } from './logins.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { expectPaidOnChain } from './money.ts'
import { expectReceiptsVerify } from './receipt.ts'
import { factsOf, leaseOf, stopLease } from './story.ts'
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
      // The provider's log is in a thread of its own, and what is over leaves its live file soon.
      const log = ['--journal-thread', 'true', '--keep-closed-ms', '2000']
      market = await openMarket({ machines: 'namespace', provider: log, publisher: () => READS_OFTEN })
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

    it('tells its provider who logged in, and nothing of what was done', () =>
      expectLogins(market, leaseId, ['echo err', 'there', 'source']))

    it('is measured from inside by its publisher', () => expectMeasuredInside(market, leaseId))

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

    it('has receipts that anybody can check', () => expectReceiptsVerify(market, leaseId))

    it('is read from the archive as before, when it has been over for long', async () => {
      const facts = await factsOf(market.provider, leaseId)
      const file = join(market.provider.dataDir, 'journal.sqlite')
      const archived = () => journalFileInfo(file).archivedStreams
      // The lease, its channel, and the announcement.
      await until(async () => archived() >= 3, archived)
      expect(await factsOf(market.provider, leaseId)).toEqual(facts)
      await market.provider.kill()
      await market.provider.start()
      expect(await factsOf(market.provider, leaseId)).toEqual(facts)
      expect((await leaseOf(market.provider, leaseId))?.stage).toBe('SETTLED')
    })
  },
)
