import { expect, it } from 'vitest'
import { Fault, unreachable } from '../../src/dashboard/api/fault.ts'
import { oncePer } from '../../src/dashboard/api/once-per.ts'

const problem = { __typename: 'Problem', code: 'insufficient-funds', message: '', culprit: 'you', next: '' }
const deadline = new Fault({ code: 'api.deadline', message: '', culprit: 'host', next: '' })

/** Sends `input` and is answered so. @returns the key that was used */
const tried = async (operation: string, input: object, answer: { __typename: string } | Fault): Promise<string> => {
  let used = ''
  await oncePer(operation, input, async (key) => {
    used = key
    if (answer instanceof Fault) throw answer
    return answer
  }).catch(() => undefined)
  return used
}

it('keeps the key of a request until there is an answer', async () => {
  const first = await tried('topUp', { sats: '1' }, unreachable())
  expect(await tried('topUp', { sats: '1' }, deadline)).toBe(first)
  expect(await tried('topUp', { sats: '2' }, deadline)).not.toBe(first)
  expect(await tried('send', { sats: '1' }, deadline)).not.toBe(first)
  expect(await tried('topUp', { sats: '1' }, { __typename: 'Done' })).toBe(first)
  const second = await tried('topUp', { sats: '1' }, problem)
  expect(second).not.toBe(first)
  expect(await tried('topUp', { sats: '1' }, problem)).not.toBe(second)
})

it('throws the problem that is the answer', async () => {
  await expect(oncePer('send', {}, async () => problem)).rejects.toMatchObject({ code: 'insufficient-funds' })
})
