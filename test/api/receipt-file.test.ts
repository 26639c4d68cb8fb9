import { describe, expect, it } from 'vitest'
import { channelId, channelStream, leaseStream } from '../../domain/ids.ts'
import { receiptChecks } from '../../domain/lease/receipt-checks.ts'
import type { ChannelRow } from '../../projections/channels.ts'
import type { LeaseRow } from '../../projections/leases.ts'
import { receiptFileOf } from '../../src/api/receipt-file.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { curve } from '../chain/coins.ts'
import { sampleReceipt } from '../domain/lease/sample-receipt.ts'

const AT = 1_800_000_000_000
const sample = sampleReceipt({ topUp: true })
const { receipt, publisherSignature, providerSignature, agreed, channels } = sample
const { leaseId } = receipt

/** A node's log and rows after that lease; the close is the other side's, and only the chain has it. */
const nodeOf = async (vouchers: number) => {
  const journal = memoryJournal()
  const write = (stream: string, facts: readonly unknown[]) =>
    journal.transact([{ stream, expected: 0, facts: facts as never }])
  await write(leaseStream(leaseId), [{ type: 'lease.agreed', at: AT, ...agreed! } as never])
  const rows: { id: string; row: ChannelRow }[] = []
  for (const [leg, { terms, funding, voucher, spend }] of channels.entries()) {
    const { txid, vout, raw, height } = funding
    const paid = Array.from({ length: vouchers }, (_, i) => ({
      type: 'channel.paid',
      at: AT,
      paid: BigInt(i),
      signature: '00'.repeat(64),
    }))
    await write(channelStream(leaseId, leg), [
      { type: 'channel.proposed', at: AT, terms },
      { type: 'channel.funded', at: AT, txid, vout, raw },
      ...paid,
      { type: 'channel.paid', at: AT, ...voucher! },
      { type: 'channel.closed', at: AT, txid: spend!.txid, height: spend!.height! },
    ])
    const { raw: _, ...spent } = spend!
    const id = channelId(leaseId, leg)
    rows.push({ id, row: { id, leaseId, leg, funding: { txid, vout }, height, spend: spent } as unknown as ChannelRow })
  }
  const row = {
    id: leaseId,
    forgotten: false,
    receipt: { receipt, publisherSignature, providerSignature },
  } as unknown as LeaseRow
  // The order of rows is not that of the fundings.
  const projector = { query: () => rows.toReversed() }
  const sources = { journal, projector, market: { transaction: async () => undefined } } as never
  return { row, sources }
}

describe('the receipt of a lease as a file', () => {
  it.each([0, 2_000])('has what it is checked by, also behind %i vouchers', async (vouchers) => {
    const { row, sources } = await nodeOf(vouchers)
    const file = (await receiptFileOf(sources, row))!
    const bare = channels.map(({ spend, ...rest }) => ({
      ...rest,
      spend: { txid: spend!.txid, height: spend!.height },
    }))
    expect(file).toEqual({ ...sample, channels: bare })
    expect(receiptChecks(file, curve).filter(({ answer }) => answer !== 'ok')).toEqual([
      expect.objectContaining({ check: 'close of top-up 1', answer: 'absent' }),
    ])
  })

  it('leaves out the terms when they were forgotten, and does not pretend that they were checked', async () => {
    const { row, sources } = await nodeOf(1)
    const file = (await receiptFileOf(sources, { ...row, forgotten: true }))!
    expect(file.agreed).toBeUndefined()
    const absent = receiptChecks(file, curve).filter(({ answer }) => answer === 'absent')
    expect(absent.map(({ check }) => check)).toEqual(expect.arrayContaining(['terms', 'owed']))
  })

  it('is none while there is no receipt', async () => {
    const { row, sources } = await nodeOf(1)
    const { receipt: _, ...running } = row
    expect(await receiptFileOf(sources, running as LeaseRow)).toBeUndefined()
  })
})
