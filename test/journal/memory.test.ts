import { memoryJournal } from '../../src/journal/memory.ts'
import { journalContract } from '../contracts/journal.ts'

journalContract('memory', async () => ({ journal: memoryJournal(), remove: async () => {} }))
