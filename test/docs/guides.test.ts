import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bitcoinCli, skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { blocksOf, missing, runBlocks } from './blocks.ts'

const FOLDER = 'docs/guides'
const WAIT_MS = 600_000
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

/** What the blocks of a guide print that do not go on running, in their order. */
const SAYS: Readonly<Record<string, readonly RegExp[]>> = {
  'graphql.md': [/"network":"xencoin-dev"/, /AnnouncementPosted/, /chain\.connected/, /CaughtUp/, /xencoin-dev/],
  'rent-a-machine.md': [
    /^Linux lease-[0-9a-f]{12} [\s\S]*settled: paid [\d,]+ sats/m,
    /signed by the provider +ok[\s\S]*close +ok/,
    /publisher +settled[\s\S]*confirmed/,
  ],
  'rent-out-a-machine.md': [
    /lending out \(provider\): works here/,
    /settled: paid/,
    /provider +settled[\s\S]*confirmed/,
  ],
  'run-a-closed-market.md': [/^0014[0-9a-f]{40}$/, /height/, /settled: paid/],
  'use-bitcoind.md': [/[0-9a-f]{64}/, /settled: paid/, /publisher +settled[\s\S]*"chain": "regtest"/],
}
const NO_BLOCKS = ['security-model.md']

it('every guide is run, or has nothing to run', () => {
  const guides = readdirSync(FOLDER)
  expect(guides.sort()).toEqual([...Object.keys(SAYS), ...NO_BLOCKS].sort())
  for (const name of NO_BLOCKS) expect(read(name)).not.toContain('```')
  // Whoever pastes from a guide pastes what was run.
  for (const name of Object.keys(SAYS)) expect(read(name).match(/^```(?!sh run|$)/gm)).toBeNull()
})

const why = missing.join(' ')
describe.skipIf(missing.length > 0 && !process.env['CI'])(`the commands of the guides ${why}`, () => {
  for (const [name, says] of Object.entries(SAYS)) {
    const needsBitcoind = name === 'use-bitcoind.md'
    const run = needsBitcoind && skipWithoutBitcoind ? it.skip : it.concurrent
    run(`${name} ${needsBitcoind ? whyNoBitcoind : ''}`, { timeout: WAIT_MS }, async () => {
      const said = await runBlocks(blocksOf(read(name)), needsBitcoind ? [dirname(bitcoinCli)] : [])
      expect(said.length).toBe(says.length)
      for (const [i, pattern] of says.entries()) expect(said[i]).toMatch(pattern)
    })
  }
})
