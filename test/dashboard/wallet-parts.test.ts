import { expect, it } from 'vitest'
import { paymentOf, satsOf } from '../../src/dashboard/wallet/payment.ts'

it('takes whole sats only, whatever parts the thousands', () => {
  expect(satsOf(' 1,000 000_0 ')).toBe('10000000')
  expect(satsOf('007')).toBe('7')
  for (const wrong of ['', '0', '-1', '1.5', '1e3', '0x10', '١٢', '1'.repeat(17)])
    expect([wrong, satsOf(wrong)]).toEqual([wrong, undefined])
  expect(satsOf('2100000000000000')).toBe('2100000000000000')
})

it('is no payment without both', () => {
  expect(paymentOf('tb1qqqqqqqqqqqqqqqqqqqq', '1')).toEqual({ address: 'tb1qqqqqqqqqqqqqqqqqqqq', sats: '1' })
  expect(paymentOf('', '1')).toBeUndefined()
  expect(paymentOf('tb1qqqqqqqqqqqqqqqqqqqq', '')).toBeUndefined()
  expect(paymentOf('<b>', '1')).toBeUndefined()
})
