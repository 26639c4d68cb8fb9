import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { openCheckpoints } from '../../src/process/checkpoints.ts'
import { openDeadlines } from '../../src/process/deadlines.ts'
import { checkpointsContract } from '../contracts/checkpoints.ts'
import { deadlinesContract } from '../contracts/deadlines.ts'

const inFolder =
  <T extends { close(): void }>(openAt: (path: string) => Promise<T>) =>
  async (work: (open: () => Promise<T>) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'zennet-process-'))
    const opened: T[] = []
    try {
      await work(async () => {
        const one = await openAt(join(folder, 'state.db'))
        opened.push(one)
        return one
      })
    } finally {
      for (const one of opened) one.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

describe('checkpoints: sqlite', () => {
  checkpointsContract(inFolder((path) => openCheckpoints({ path })))
})

describe('deadlines: sqlite', () => {
  deadlinesContract(inFolder((path) => openDeadlines({ path })))
})
