import { createReadStream } from 'node:fs'
import { Fault } from '../../../domain/fault.ts'
import type { Check } from '../../../domain/lease/check.ts'
import { parseReceiptFile, RECEIPT_FILE_MAX_BYTES, tooLarge } from '../../../domain/lease/parse-receipt.ts'
import { receiptChecks } from '../../../domain/lease/receipt-checks.ts'
import type { ReceiptFile } from '../../../domain/lease/receipt-file.ts'
import { plainText } from '../../../domain/plain-text.ts'
import { chooseCurve } from '../../curve/choose.ts'
import { notFound } from '../exit-code.ts'
import { type Output, print, printData, printRows } from '../output.ts'
import { configOf } from '../setting-options.ts'

/**
 * `zennet receipt verify`: an answer to everything that a receipt says.
 * @throws Fault `receipt.malformed`, `receipt.too-large`, `receipt.wrong`, `receipt.one-sided`, and those of the chain node
 */
export const verifyReceiptFile = async (path: string, flags: Readonly<Record<string, unknown>>): Promise<void> => {
  const file = parseReceiptFile(await contentOf(path))
  // Only when it is asked for: what a node of this user is set to use is nothing to a file.
  const onChain =
    flags['chain'] === undefined ? [] : await (await import('./on-chain.ts')).chainChecks(file, configOf(flags))
  const checks = [...receiptChecks(file, chooseCurve()), ...onChain]
  show(file, checks, flags['output'] as Output)
  judge(file, checks)
}

const contentOf = async (path: string): Promise<string> => {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of path === '-' ? process.stdin : createReadStream(path)) {
      size += (part as Buffer).length
      // What is larger is never read to its end.
      if (size > RECEIPT_FILE_MAX_BYTES) throw tooLarge()
      parts.push(part as Buffer)
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    throw notFound(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      'Name the file with the receipt.',
    )
  }
  return Buffer.concat(parts).toString('utf8')
}

const SHOWN = { ok: 'ok', wrong: 'not ok', absent: 'not checked' } as const

const show = (file: ReceiptFile, checks: readonly Check[], output: Output): void => {
  if (output === 'jsonl') printRows(checks, [], 'jsonl')
  else if (output !== 'table') printData({ leaseId: file.receipt.leaseId, signedBy: signers(file), checks }, output)
  else {
    const width = Math.max(...checks.map(({ check }) => check.length))
    for (const { check, answer, said } of checks) print(plainText(`${check.padEnd(width)}  ${SHOWN[answer]}: ${said}`))
  }
}

const signers = (file: ReceiptFile): ('publisher' | 'provider')[] =>
  (['publisher', 'provider'] as const).filter((side) => file[`${side}Signature`] !== undefined)

const judge = (file: ReceiptFile, checks: readonly Check[]): void => {
  const wrong = checks.filter(({ answer }) => answer === 'wrong')
  if (wrong.length > 0)
    throw new Fault('receipt.wrong', `not so: ${wrong.map(({ check }) => check).join(', ')}`, {
      culprit: 'you',
      next: 'Do not rely on it; ask both sides for the receipt that they have.',
    })
  const signed = signers(file)
  if (signed.length < 2)
    throw new Fault('receipt.one-sided', `signed by ${signed[0] ?? 'nobody'} alone: nothing in it is agreed`, {
      culprit: 'you',
      next: 'It is a claim of one side; the transactions say what was paid.',
    })
}
