import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { genesisBlock } from '../../domain/chain/genesis.ts'
import { type Network, networkNamed } from '../../domain/chain/network.ts'
import { checkProofOfWork } from '../../domain/chain/pow.ts'
import { openWorkFinder } from '../../src/chain/mining/find-work.ts'
import type { NonceTurn } from '../../src/chain/mining/port.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { curve, key } from './coins.ts'
import { freshDir } from './fresh-node.ts'

const THREADS = 3
/** Where the nice value is in `/proc/<pid>/task/<tid>/stat`, counted from behind the name. */
const NICE_FIELD = 16

const xencoin = networkNamed('xencoin')
/** 2²⁴⁸ − 1 and 1: a hash in 256 is small enough, and none. */
const easy: Network = { ...xencoin, powLimitBits: 0x2000ffff }
const EASY_BITS = 0x2000ffff
const IMPOSSIBLE_BITS = 0x03000001
const header = { ...genesisBlock(xencoin).header, nonce: 0 }
const never = new AbortController().signal

/** A turn of so many takes a core several minutes. */
const HALF_OF_ALL = 2 ** 31
const FEW_NONCES = 2 ** 14

/** Threads for a test, and the turns that they were given. */
const open = (noncesATurn: number) => {
  const turns: NonceTurn[] = []
  let told = () => {}
  const onTurn = (turn: NonceTurn) => {
    turns.push(turn)
    told()
  }
  const finder = openWorkFinder(THREADS, { noncesATurn, onTurn })
  onTestFinished(() => finder.close())
  const given = (count: number) =>
    new Promise<void>((resolve) => {
      told = () => turns.length >= count && resolve()
      told()
    })
  return { finder, turns, given }
}

it('no nonce of a header is given to two threads, and none is left out', async () => {
  const { finder, turns, given } = open(FEW_NONCES)
  const stop = new AbortController()
  const answer = finder.find({ ...header, bits: IMPOSSIBLE_BITS }, stop.signal)
  await given(40 * THREADS)
  stop.abort()
  expect(await answer).toBeUndefined()
  expect(new Set(turns.map(({ thread }) => thread)).size).toBe(THREADS)
  expect(turns.map(({ from, tries }) => [from, tries])).toEqual(turns.map((_, i) => [i * FEW_NONCES, FEW_NONCES]))
})

it('work that one thread finds ends the search of all, and the next search begins at once', async () => {
  const { finder } = open(FEW_NONCES)
  for (let time = header.time; time < header.time + 50; time++) {
    const found = await finder.find({ ...header, time, bits: EASY_BITS }, never)
    expect(found).toMatchObject({ time, merkleRoot: header.merkleRoot })
    expect(checkProofOfWork(found!, easy)).toBe(true)
  }
})

it('all leave off in the middle of their turns when the work is not wanted any more', async () => {
  const { finder, given } = open(HALF_OF_ALL)
  for (let round = 1; round <= 10; round++) {
    const stop = new AbortController()
    const answer = finder.find({ ...header, bits: IMPOSSIBLE_BITS }, stop.signal)
    // The first two threads have everything between them.
    await given(2 * round)
    stop.abort()
    expect(await answer).toBeUndefined()
  }
})

it('one that was not wanted from the beginning is not begun', async () => {
  const { finder, turns } = open(FEW_NONCES)
  expect(await finder.find({ ...header, bits: EASY_BITS }, AbortSignal.abort())).toBeUndefined()
  expect(turns).toEqual([])
})

it.skipIf(process.platform !== 'linux')('its threads have the lowest priority, and no other thread has', async () => {
  const niceOf = (thread: string) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[NICE_FIELD])
  }
  const lowest = () =>
    readdirSync('/proc/self/task').filter((thread) => niceOf(thread) === constants.priority.PRIORITY_LOW).length
  const before = lowest()
  const { finder } = open(FEW_NONCES)
  const stop = new AbortController()
  const answer = finder.find({ ...header, bits: IMPOSSIBLE_BITS }, stop.signal)
  while (lowest() < before + THREADS) await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await answer
  expect(lowest()).toBe(before + THREADS)
  expect(niceOf(String(process.pid))).toBeLessThan(constants.priority.PRIORITY_LOW)
})

it('a new tip takes all threads to the next block at once', async () => {
  // Two blocks of easy work, and the third cannot be found: the schedule halves the target for each second that the chain is ahead.
  const network: Network = {
    ...easy,
    spacingS: 60,
    difficulty: { kind: 'asert', halfLifeS: 1, anchorHeight: 1 },
  }
  // Time stands still, so that no template grows old.
  let us = 0
  const clock = { ...systemClock, now: () => genesisBlock(network).header.time * 1000, steadyUs: () => us++ }
  const sleep = (_: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('awake'))))
  const node = await openXencoind({ dataDir: await freshDir(), network, curve, clock: { ...clock, sleep } })
  const stop = new AbortController()
  node.startMining({ intervalS: 60, script: key(1).script, threads: THREADS })
  const seconds: string[] = []
  for await (const event of node.follow(undefined, stop.signal)) {
    if (event.kind !== 'connected' || event.height !== 2) continue
    seconds.push(event.hash)
    if (seconds.length === 4) stop.abort()
    else await node.invalidateBlock(event.hash)
  }
  expect(new Set(seconds).size).toBe(4)
  expect((await node.tip()).hash).toBe(seconds.at(-1))
  await node.close()
})
