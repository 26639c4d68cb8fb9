import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from '@lydell/node-pty'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { satsForMsat } from '../../domain/money.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { verifyReceipt } from '../../src/lease/party.ts'
import {
  createIdentity,
  remotePath,
  rsyncCommand,
  type ShellTarget,
  scpCommand,
  sftpCommand,
  sshCommand,
} from '../../src/shell/ssh-command.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { skipWithoutDocker, whyNoDocker } from '../docker/private-dockerd.ts'
import { missingClients, run, skipped } from '../shell/rig.ts'
import type { ChainProgram } from './chain.ts'
import { targetOf } from './client.ts'
import { expectMeasuredInside, READS_OFTEN } from './inside.ts'
import { LIMIT_MS, type Market, openMarket, until } from './market.ts'
import { coinsOf, expectPaidOnChain } from './money.ts'
import { expectReceiptsVerify } from './receipt.ts'
import { factsOf, leaseOf, signedReceiptOf, stopLease, topUpLease } from './story.ts'
import { plantTree, treeOf } from './tree.ts'

const unable = skipWithoutDocker() || skipped
const why = [whyNoDocker() ?? '', ...missingClients.map((name) => `no ${name}`)].join(' ')

describe.skipIf(unable)(`a lease with Docker and OpenSSH, on xencoind ${why}`, { timeout: 2 * LIMIT_MS }, () => {
  wholeLease('xencoind')
})

describe.skipIf(unable || skipWithoutBitcoind)(
  `a lease with Docker and OpenSSH, on a real bitcoind ${why} ${whyNoBitcoind}`,
  { timeout: 2 * LIMIT_MS },
  () => wholeLease('bitcoind'),
)

function wholeLease(program: ChainProgram): void {
  let market: Market
  let leaseId: string
  let target: ShellTarget
  let source: string
  beforeAll(async () => {
    market = await openMarket({ machines: 'docker', chain: program, publisher: () => READS_OFTEN })
    leaseId = await market.rent({ dataGraceS: 20 })
    target = await targetOf(market, leaseId)
    source = join(market.folder, 'source')
    plantTree(source)
  }, 2 * LIMIT_MS)
  afterAll(() => market?.close(), 2 * LIMIT_MS)

  const ok = async (argv: readonly string[], input?: string) => {
    const { code, err } = await run(argv, input)
    expect({ code, err }).toEqual({ code: 0, err: '' })
  }
  const back = (name: string) => join(market.folder, name)

  it('runs commands, with their exit code, and what they print apart from what they complain about', async () => {
    const { code, out, err } = await run(sshCommand(target, ['echo out; echo err >&2; exit 7']))
    expect({ code, out: out.toString(), err }).toEqual({ code: 7, out: 'out\n', err: 'err\n' })
  })

  it('has a terminal that follows the size of the client’s', async () => {
    const [file = '', ...args] = sshCommand(target, [], ['-tt'])
    const pty = spawn(file, args, { cols: 93, rows: 31, name: 'vt220', env: { PATH: process.env['PATH'] } })
    let output = ''
    pty.onData((data) => {
      output += data
    })
    const code = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
    const shows = (text: string) =>
      until(
        async () => output.includes(text),
        () => `${text} in ${output}`,
      )
    pty.write('stty size; echo at $TERM\r')
    await shows('31 93')
    await shows('at vt220')
    pty.resize(111, 44)
    pty.write('while [ "$(stty size)" != "44 111" ]; do sleep 0.1; done; echo grown to $(stty size)\r')
    await shows('grown to 44 111')
    pty.write('exit 5\r')
    expect(await code).toBe(5)
  })

  it.each([
    ['legacy', '-O'],
    ['sftp', '-s'],
  ])('scp carries a tree there and back: %s', async (name, option) => {
    await ok(scpCommand(target, [option, '-rpq', source, remotePath(target, `scp-${name}`)]))
    await ok(scpCommand(target, [option, '-rpq', remotePath(target, `scp-${name}`), back(`scp-${name}`)]))
    expect(treeOf(back(`scp-${name}`))).toEqual(treeOf(source))
  })

  it('sftp works through a list of orders', async () => {
    const orders = [`put -pr "${source}" sftp`, 'rename sftp sftp-2', `get -pr sftp-2 "${back('sftp')}"`, 'bye', '']
    const { code } = await run(sftpCommand(target, ['-q', '-b', '-']), orders.join('\n'))
    expect(code).toBe(0)
    expect(treeOf(back('sftp'))).toEqual(treeOf(source))
  })

  it('rsync mirrors a tree there and back', async () => {
    await ok(rsyncCommand(target, ['-a', `${source}/`, remotePath(target, 'mirror/')]))
    await ok(rsyncCommand(target, ['-a', remotePath(target, 'mirror/'), `${back('mirror')}/`]))
    expect(treeOf(back('mirror'))).toEqual(treeOf(source))
  })

  it('lets no other key in', async () => {
    const stranger = await createIdentity(back('stranger'))
    const { code, out, err } = await run(sshCommand({ ...target, identityFile: stranger.file }, ['echo in']))
    expect({ code, out: out.toString() }).toEqual({ code: 255, out: '' })
    expect(err).toContain('Permission denied')
  })

  it('is not the machine that was agreed when its host key is another', async () => {
    const stranger = await createIdentity(back('other-host'))
    const knownHostsFile = back('changed_known_hosts')
    writeFileSync(
      knownHostsFile,
      readFileSync(target.knownHostsFile, 'utf8').replace(
        /ssh-ed25519 \S+/,
        stranger.publicKey.split(' ', 2).join(' '),
      ),
    )
    const { code, out, err } = await run(sshCommand({ ...target, knownHostsFile }, ['echo in']))
    expect({ code, out: out.toString() }).toEqual({ code: 255, out: '' })
    expect(err).toContain('Host key verification failed')
  })

  it('stands in a container with the agreed limits and nothing more', async () => {
    const info = await new Docker({ socketPath: market.socket! }).getContainer(`zennet-${leaseId}`).inspect()
    const { HostConfig: limits } = info
    expect(limits).toMatchObject({
      Memory: 67_108_864,
      MemorySwap: 67_108_864,
      CpuPeriod: 100_000,
      CpuQuota: 50_000,
      PidsLimit: 64,
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
    })
    expect(limits.Devices ?? []).toEqual([])
    expect(limits.CapAdd ?? []).toEqual([])
  })

  it('is paid for what was used, tick by tick', async () => {
    const ticks = (await leaseOf(market.publisher, leaseId))!.tick
    const lease = await market.when(market.publisher, leaseId, ({ tick }) => tick >= ticks + 3)
    expect(BigInt(lease.paidSats)).toBeGreaterThanOrEqual(satsForMsat(BigInt(lease.owedMsat)))
    expect(BigInt(lease.usage['netRxBytes']!)).toBeGreaterThan(8_000_000n)
  })

  it('is measured from inside by its publisher', () => expectMeasuredInside(market, leaseId))

  it('is topped up while it runs', async () => {
    const before = BigInt((await leaseOf(market.publisher, leaseId))!.capacitySats!)
    for (let i = 0; i < 2; i++)
      expect((await topUpLease(market.publisher, leaseId, 5_000n, 'once')).__typename).toBe('LeaseTopUpAsked')
    for (const side of [market.publisher, market.provider])
      await market.when(side, leaseId, ({ capacitySats }) => BigInt(capacitySats!) === before + 5_000n)
  })

  it('ends when the publisher asks, and its data can be fetched for a while', async () => {
    copyFileSync(join(source, 'deep/er/large'), back('kept'))
    await ok(scpCommand(target, ['-q', back('kept'), remotePath(target, 'kept')]))
    expect((await stopLease(market.publisher, leaseId)).__typename).toBe('LeaseStopped')
    await market.when(market.publisher, leaseId, ({ end }) => end !== null)
    await ok(scpCommand(target, ['-q', remotePath(target, 'kept'), back('fetched')]))
    expect(readFileSync(back('fetched')).equals(readFileSync(back('kept')))).toBe(true)
  })

  it('is settled on the chain to the sat, with the bond back', async () => {
    const { settled, other, paid, capacity, earned } = await expectPaidOnChain(market, leaseId)
    // Both sides were there: the channel and its top-up were closed plainly, by one transaction.
    expect(await market.chain.inputsOf(settled.settlementTxid!)).toBe(2)
    expect(settled.end).toMatchObject({ code: 'stopped-by-publisher', culprit: 'publisher' })
    expect(other.end).toEqual(settled.end)
    expect(other.usage).toEqual(settled.usage)
    expect(other.owedMsat).toBe(settled.owedMsat)
    expect(paid).toBeLessThan(capacity)
    await until(
      async () => (await coinsOf(market, 'publisher')).bondedSats === '0',
      () => 'the bond',
    )
    const provider = await until(
      async () => {
        const coins = await coinsOf(market, 'provider')
        return BigInt(coins.confirmedSats) === earned && coins
      },
      async () => JSON.stringify(await coinsOf(market, 'provider')),
    )
    expect(provider).toMatchObject({ unconfirmedSats: '0', bondedSats: '0' })
    // Announcing, funding and taking the bond back cost fees; nothing else is gone.
    const gone = async () => {
      const publisher = await coinsOf(market, 'publisher')
      return market.funds - BigInt(publisher.confirmedSats) - BigInt(publisher.unconfirmedSats)
    }
    // The wallet hears of the close from the chain by itself, a moment before or after the lease does.
    await until(
      async () => (await gone()) < paid + 10_000n,
      async () => `what came back: ${await gone()} sats are gone`,
    )
    expect(await gone()).toBeGreaterThan(paid)
  })

  it('leaves the same receipt with both, signed by both', async () => {
    const [own, other] = [market.publisher, market.provider].map((node) =>
      market.when(
        node,
        leaseId,
        ({ receipt }) => receipt?.publisherSignature !== undefined && receipt.providerSignature !== undefined,
      ),
    )
    const receipts = [(await own!).receipt, (await other!).receipt]
    expect(receipts[0]).toEqual(receipts[1])
    const facts = await factsOf(market.publisher, leaseId)
    expect(facts.at(-1)?.type).toMatch(/^lease\.(settled|receipted)$/)
    const { receipt, publisherSignature, providerSignature } = signedReceiptOf(receipts[0]!)
    const curve = nativeCurve
    expect(verifyReceipt({ curve }, receipt, publisherSignature!, receipt.publisherKey)).toBe(true)
    expect(verifyReceipt({ curve }, receipt, providerSignature!, receipt.providerKey)).toBe(true)
  })

  it('has receipts that anybody can check, without a node and with one', () => expectReceiptsVerify(market, leaseId))

  it('ends when the provider asks', async () => {
    const other = await market.rent()
    const { code } = await run(sshCommand(await targetOf(market, other), ['true']))
    expect(code).toBe(0)
    expect((await stopLease(market.provider, other)).__typename).toBe('LeaseStopped')
    const { settled } = await expectPaidOnChain(market, other)
    expect(settled.end).toMatchObject({ code: 'stopped-by-provider', culprit: 'provider' })
  })

  it('is gone from the host when the time for the data is over', async () => {
    await market.when(market.provider, leaseId, ({ released }) => released)
    const containers = await new Docker({ socketPath: market.socket! }).listContainers({ all: true })
    expect(containers.filter(({ Names }) => Names.includes(`/zennet-${leaseId}`))).toEqual([])
  })
}
