import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { ChainFact } from '../../domain/chain/facts.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'
import { announcements } from '../../projections/announcements.ts'
import { blocks } from '../../projections/blocks.ts'
import { channels } from '../../projections/channels.ts'
import { transactions } from '../../projections/transactions.ts'
import { fold } from './fold.ts'

const connected = (
  height: number,
  branch: string,
  txids: readonly string[],
): Extract<ChainFact, { type: 'chain.connected' }> => ({
  type: 'chain.connected',
  at: height,
  height,
  hash: `${branch}${height}`,
  previous: `${branch}${height - 1}`,
  time: height,
  transactions: txids.map((txid) => ({
    txid,
    coinbase: false,
    outputSats: 5n,
    inputs: 1,
    outputs: 2,
    virtualSize: 100,
  })),
})
const disconnected = (fact: Extract<ChainFact, { type: 'chain.connected' }>): ChainFact => ({
  type: 'chain.disconnected',
  at: 99,
  height: fact.height,
  hash: fact.hash,
})
const onChain = (facts: readonly ChainFact[]) => facts.map((fact) => ['chain', fact] as const)

describe('blocks and transactions', () => {
  it('a reorganisation leaves no trace: disconnecting is the inverse of connecting', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 5 }), { maxLength: 5 }),
        fc.array(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 5 }), { maxLength: 5 }),
        (stay, leave) => {
          const kept = stay.map((txids, i) => connected(i, 'a', txids))
          const gone = leave.map((txids, i) => connected(stay.length + i, 'b', txids))
          const history = onChain([...kept, ...gone, ...gone.toReversed().map(disconnected)])
          expect(fold(blocks, history)).toEqual(fold(blocks, onChain(kept)))
          expect(fold(transactions, history)).toEqual(fold(transactions, onChain(kept)))
        },
      ),
    )
  })

  it('a transaction that moves to another block has one row', () => {
    const first = connected(1, 'a', ['t', 'u'])
    const rows = fold(transactions, onChain([first, disconnected(first), connected(1, 'b', ['u'])]))
    expect([...rows.values()].map(({ txid, block }) => [txid, block])).toEqual([['u', 'b1']])
  })

  it('sums a block up', () => {
    expect([...fold(blocks, onChain([connected(3, 'a', ['t', 'u'])])).values()]).toMatchObject([
      { height: 3, transactions: 2, outputSats: 10n, virtualSize: 200 },
    ])
  })
})

describe('announcements', () => {
  const txid = 'f'.repeat(64)
  const seen: AnnouncementFact = {
    type: 'announcement.seen',
    at: 1,
    txid,
    author: '02',
    bondSats: 1_000n,
    record: {
      isolation: 'none',
      count: 1,
      cpuMillis: 1,
      memoryMiB: 1,
      diskGiB: 1,
      maxHourlyMsat: 1n,
      expiryHeight: 9,
      host: '127.0.0.1',
      port: 1,
      bodyHash: '',
    },
  }
  const rowOf = (facts: readonly AnnouncementFact[]) => {
    const { position: _, ...row } = fold(
      announcements,
      facts.map((fact) => [`announcement-${txid}`, fact] as const),
    ).get(txid)!
    return row
  }

  it('restoring undoes withdrawing, and unconfirming undoes confirming', () => {
    const withdrawn: AnnouncementFact = { type: 'announcement.withdrawn', at: 3, by: 'x' }
    const confirmed: AnnouncementFact = { type: 'announcement.confirmed', at: 2, height: 7 }
    expect(rowOf([seen, withdrawn]).status).toBe('withdrawn')
    expect(rowOf([seen, withdrawn, { type: 'announcement.restored', at: 4 }])).toEqual(rowOf([seen]))
    expect(rowOf([seen, confirmed]).height).toBe(7)
    expect(rowOf([seen, confirmed, { type: 'announcement.unconfirmed', at: 4 }])).toEqual(rowOf([seen]))
    expect(rowOf([seen, { type: 'announcement.expired', at: 5, height: 9 }]).status).toBe('expired')
  })

  it('an own one shows what is wanted, and nothing of how it is paid for or who may log in', () => {
    const posted: AnnouncementFact = {
      type: 'announcement.posted',
      at: 1,
      txid,
      body: {
        version: 1,
        label: 'l',
        image: 'i',
        resources: { cpuMillis: 1, memoryBytes: 1, diskBytes: 1, pids: 1 },
        isolation: 'none',
        machineNetwork: 'none',
        count: 1,
        maxHourlyMsat: 1n,
        maxDurationMs: 1,
      },
      order: { authorizedKeys: ['SECRET'], capacitySats: 77_777n, tickMs: 1, dataGraceMs: 1, offerWindowMs: 1 },
    }
    const row = rowOf([posted, seen])
    expect(row).toMatchObject({ own: true, status: 'standing', author: '02' })
    expect(Object.keys(row)).not.toContain('order')
  })
})

describe('channels', () => {
  const facts: ChannelFact[] = [
    {
      type: 'channel.proposed',
      at: 1,
      terms: {
        publisherKey: '02',
        providerKey: '03',
        expiryHeight: 9,
        capacitySats: 100n,
        publisherScript: '',
        providerScript: '',
      },
    },
    { type: 'channel.funded', at: 2, txid: 't', vout: 0, raw: '' },
    { type: 'channel.opened', at: 3, height: 5 },
    { type: 'channel.paid', at: 4, paid: 40n, signature: 'SECRET' },
  ]
  const rowOf = (more: readonly ChannelFact[]) => {
    const history = [...facts, ...more].map((fact) => ['channel-1', fact] as const)
    const { position: _, ...row } = fold(channels, history).get('1')!
    return row
  }

  it('reopening undoes closing', () => {
    const closed: ChannelFact = { type: 'channel.closed', at: 6, txid: 's', height: 8 }
    expect(rowOf([closed])).toMatchObject({ state: 'closed', spend: { txid: 's', height: 8 }, paidSats: 40n })
    expect(rowOf([closed, { type: 'channel.reopened', at: 7 }])).toEqual(rowOf([]))
  })

  it('keeps no voucher', () => {
    expect(JSON.stringify(rowOf([]), (_, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(
      'SECRET',
    )
  })

  it('goes back to unconfirmed when the block of its funding is gone', () => {
    expect(rowOf([{ type: 'channel.unopened', at: 5 }])).toMatchObject({ state: 'funded' })
  })
})
