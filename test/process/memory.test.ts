import { describe } from 'vitest'
import { memoryCheckpoints, memoryDeadlines } from '../../src/process/memory.ts'
import { checkpointsContract } from '../contracts/checkpoints.ts'
import { deadlinesContract } from '../contracts/deadlines.ts'

describe('checkpoints: memory', () => {
  checkpointsContract((work) => {
    const one = memoryCheckpoints()
    return work(async () => one)
  })
})

describe('deadlines: memory', () => {
  deadlinesContract((work) => {
    const one = memoryDeadlines()
    return work(async () => one)
  })
})
