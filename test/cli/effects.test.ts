import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { graphqlClient } from '../../src/api/client.ts'
import { checkParked } from '../../src/cli/doctor/parked.ts'
import { EXIT } from '../../src/cli/exit-code.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { openEffectCommands } from '../../src/market/effect-commands.ts'
import { smallMarket, startNode, type TestNode, TOKEN } from '../api/node.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { timerFacts } from '../domain/timer/sample.ts'
import { zennet } from './zennet.ts'

const LIMIT_MS = 120_000
const ID = 'e'.repeat(32)
const { 'effect.asked': asked, 'effect.parked': parked, 'effect.done': done } = effectFacts()

describe('zennet effects and zennet timers', { timeout: LIMIT_MS }, () => {
  let home: string
  let node: TestNode
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'zennet-cli-effects-'))
    const journal = memoryJournal()
    const streams = openStreams(journal)
    const market = { ...smallMarket(journal), effects: openEffectCommands({ journal, streams, clock: systemClock }) }
    node = await startNode(0, { journal, market })
    await node.append(`effect-${ID}`, asked, parked)
    await node.append(`effect-${'d'.repeat(32)}`, asked, done)
    await node.append('timer-a', timerFacts()['timer.set'])
    await node.projector.waitFor(
      await node.append('timer-b', timerFacts()['timer.set'], timerFacts()['timer.fired']),
      LIMIT_MS,
    )
  })
  afterEach(async () => {
    await node.close()
    await rm(home, { recursive: true, force: true })
  })
  const run = (...args: string[]) => zennet([...args, '--url', node.api.url, '--token', TOKEN], { home })

  it('list what is open or parked, and say what to do about it', async () => {
    const { code, stdout, stderr } = await run('effects', 'ls')
    expect(code).toBe(EXIT.done)
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(stdout).toMatch(/e{32} +parked +withdraw-filled .*market\.not-withdrawn, 8 attempts/)
    expect(stderr).toContain(`${ID} is parked: ${parked.next}`)
    const all = JSON.parse((await run('effects', 'ls', '--all', '-o', 'json')).stdout) as { state: string }[]
    expect(all.map(({ state }) => state)).toEqual(['DONE', 'PARKED'])
  })

  it('replay and drop', async () => {
    expect((await run('effects', 'replay', ID)).stderr).toContain(`${ID}: open`)
    expect((await run('effects', 'drop', ID)).stderr).toContain(`${ID}: dropped`)
    expect((await run('effects', 'replay', ID)).code).toBe(EXIT.conflict)
    expect((await run('effects', 'drop', 'f'.repeat(32))).code).toBe(EXIT.notFound)
  })

  it('list timers that are set', async () => {
    const { code, stdout } = await run('timers', 'ls', '-o', 'json')
    expect(code).toBe(EXIT.done)
    expect((JSON.parse(stdout) as { key: string }[]).map(({ key }) => key)).toEqual(['a'])
    expect((JSON.parse((await run('timers', 'ls', '--all', '-o', 'json')).stdout) as unknown[]).length).toBe(2)
  })

  it('doctor tells what is parked, until it is not', async () => {
    const client = graphqlClient({ url: node.api.url, token: TOKEN })
    const [effects, projections] = await checkParked(client)
    expect(effects).toMatchObject({
      ok: false,
      is: '1 parked after failing too often',
      next: 'Look: zennet effects ls',
    })
    expect(projections).toMatchObject({ ok: true })
    await run('effects', 'drop', ID)
    expect((await checkParked(client))[0]).toMatchObject({ ok: true, is: 'none is parked' })
  })
})
