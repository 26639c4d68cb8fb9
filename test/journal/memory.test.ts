import { memoryJournal } from '../../src/journal/memory.ts'
import { journalContract } from '../contracts/journal.ts'
import { retainingContract } from '../contracts/journal-retaining.ts'

const make = async () => ({ journal: memoryJournal(), remove: async () => {} })

journalContract('memory', make)
retainingContract('memory', make)
