import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { zennet } from '../cli/zennet.ts'
import type { Market } from './market.ts'

type Answer = { readonly check: string; readonly answer: string; readonly said: string }

/** Both sides' receipts as files, checked by a program that knows neither node: alone, and against the chain. */
export const expectReceiptsVerify = async (market: Market, leaseId: string): Promise<void> => {
  const home = join(market.folder, 'verifier')
  const chain = ['--chain', market.chain.url, '--chain-cookie', market.chain.cookie]
  const verify = async (file: string, more: readonly string[] = []) => {
    const { code, stdout, stderr } = await zennet(['receipt', 'verify', file, '-o', 'json', ...more], { home })
    return { code, stderr, ...(stdout === '' ? {} : (JSON.parse(stdout) as { checks: Answer[] })) }
  }
  for (const side of ['publisher', 'provider'] as const) {
    const { dataDir } = market[side]
    const { code, stdout, stderr } = await zennet(['lease', 'receipt', leaseId, '-o', 'json', '--data-dir', dataDir], {
      home,
    })
    expect(code, stderr).toBe(0)
    const file = join(market.folder, `receipt-of-${side}.json`)
    writeFileSync(file, stdout)
    const alone = await verify(file)
    expect(
      alone.checks!.filter(({ answer }) => answer !== 'ok'),
      alone.stderr,
    ).toEqual([])
    expect(alone.code).toBe(0)
  }
  const file = join(market.folder, 'receipt-of-publisher.json')
  const onChain = await verify(file, chain)
  expect(
    onChain.checks!.filter(({ answer }) => answer !== 'ok'),
    onChain.stderr,
  ).toEqual([])
  expect(onChain.checks!.map(({ check }) => check)).toContain('close in a block')
  expect(onChain.code).toBe(0)

  const good = readFileSync(file, 'utf8')
  const bad = join(market.folder, 'bad-receipt.json')
  writeFileSync(
    bad,
    good.replace(/"ticks": (\d+)/, (_, ticks) => `"ticks": ${Number(ticks) + 1}`),
  )
  expect(await verify(bad)).toMatchObject({ code: 1, stderr: expect.stringContaining('receipt.wrong') })
  const { providerSignature: _, ...oneSided } = JSON.parse(good)
  writeFileSync(bad, JSON.stringify(oneSided))
  expect(await verify(bad)).toMatchObject({ code: 6, stderr: expect.stringContaining('receipt.one-sided') })
  writeFileSync(bad, good.slice(1))
  expect(await verify(bad)).toMatchObject({ code: 2, stderr: expect.stringContaining('receipt.malformed') })
}
