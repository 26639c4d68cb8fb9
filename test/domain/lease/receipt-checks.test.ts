import { describe, expect, it } from 'vitest'
import { receiptChecks } from '../../../domain/lease/receipt-checks.ts'
import type { ReceiptFile } from '../../../domain/lease/receipt-file.ts'
import { curve } from '../../chain/coins.ts'
import { type Closing, resigned, sampleReceipt } from './sample-receipt.ts'

const answers = (file: ReceiptFile) => {
  const checks = receiptChecks(file, curve)
  const named = (answer: string) => checks.filter((it) => it.answer === answer).map(({ check }) => check)
  return { wrong: named('wrong'), absent: named('absent'), checks }
}

describe('what a receipt says, checked without a node', () => {
  const closings: Closing[] = ['plainly', 'by voucher', 'with others']
  for (const closing of closings)
    it(`is so: closed ${closing}`, () => {
      expect(answers(sampleReceipt({ closing }))).toMatchObject({ wrong: [], absent: [] })
    })

  it.each(['plainly', 'by voucher'] as const)('is so: topped up, closed %s', (closing) => {
    const { wrong, absent, checks } = answers(sampleReceipt({ closing, topUp: true }))
    expect({ wrong, absent }).toEqual({ wrong: [], absent: [] })
    expect(checks.map(({ check }) => check)).toContain('voucher of top-up 1')
  })

  it('is so: paused, and of a price that was changed', () => {
    const file = sampleReceipt({ eventful: true })
    expect(answers(file)).toMatchObject({ wrong: [], absent: [] })
    const { maxPauseMs: _, ...pauseless } = file.agreed!.terms
    const unpaused = { ...file, agreed: { ...file.agreed!, terms: pauseless } }
    expect(answers(unpaused).wrong).toContain('usage')
  })

  it('says what is not there to check by, and that one side alone has signed', () => {
    const { publisherSignature: _, agreed: __, ...file } = sampleReceipt({ closing: 'not yet' })
    const [channel] = file.channels
    const { voucher: ___, ...bare } = channel!
    const { wrong, absent } = answers({ ...file, channels: [bare] })
    expect(wrong).toEqual([])
    expect(absent).toEqual(['signed by the publisher', 'terms', 'owed', 'voucher', 'close'])
  })

  it('says so when the provider never took what it was paid', () => {
    expect(answers(sampleReceipt({ closing: 'refunded' })).wrong).toEqual(['close'])
  })

  const file = sampleReceipt()
  const { receipt } = file
  const lies: readonly (readonly [string, Partial<ReceiptFile['receipt']>, string[]])[] = [
    ['owed', { owedMsat: receipt.owedMsat + 1n }, ['owed']],
    ['a use that cannot be', { usage: { ...receipt.usage, cpuUs: 10n ** 9n } }, ['usage', 'owed']],
    ['more paid than is ever due', { paidSats: receipt.paidSats + 1n }, ['paid', 'voucher', 'close']],
    ['less paid', { paidSats: receipt.paidSats - 1n }, ['voucher', 'close']],
    ['another culprit', { culprit: 'provider' }, ['end']],
    ['no code', { code: 'because' }, ['end']],
    ['other terms', { termsHash: '00'.repeat(32) }, ['terms']],
    ['another lease', { leaseId: 'ff'.repeat(16) }, ['parties']],
    ['another channel', { funding: `${'00'.repeat(32)}:0` }, ['funding']],
    ['a top-up that is not there', { topUps: [`${'00'.repeat(32)}:0`] }, ['channels']],
  ]
  it.each(lies)('finds what both signed and is not so: %s', (_, changes, wrong) => {
    expect(answers(resigned(file, changes)).wrong).toEqual(wrong)
  })

  it('finds a signature that is not one', () => {
    const { wrong } = answers({ ...file, receipt: { ...receipt, ticks: 4 } })
    expect(wrong).toEqual(['signed by the publisher', 'signed by the provider'])
  })

  it('finds bytes that are not the transaction that they are said to be', () => {
    const [channel] = file.channels
    const other = sampleReceipt({ closing: 'with others' }).channels[0]!.spend!
    const spend = { ...channel!.spend!, raw: other.raw! }
    expect(answers({ ...file, channels: [{ ...channel!, spend }] }).wrong).toEqual(['close'])
    const funding = { ...channel!.funding, raw: other.raw! }
    expect(answers({ ...file, channels: [{ ...channel!, funding }] }).wrong).toEqual(['funding'])
  })
})
