import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { lineFor } from '../../src/log/people.ts'

const logged = (write: (log: pino.Logger) => void): string => {
  let json = ''
  const log = pino({ level: 'trace' }, { write: (line: string) => (json = line) })
  write(log.child({ part: 'lease' }))
  return lineFor(json)
}

describe('a log line for people', () => {
  it('has time, level, part, message and fields', () => {
    const line = logged((log) => log.warn({ lease: 'ab', tick: 3 }, 'no voucher'))
    expect(line).toMatch(/^\d\d:\d\d:\d\d warn {2}lease no voucher lease=ab tick=3$/)
  })

  it('names a fault by its code, and shows a stack only for errors', () => {
    const err = new Fault('peer.closed', 'it ended')
    expect(logged((log) => log.info({ err }, 'session over'))).toMatch(/session over \(peer\.closed: it ended\)$/)
    expect(logged((log) => log.error({ err }, 'session over'))).toMatch(/\n {4}at /)
  })

  it('lets no stranger drive the terminal', () => {
    const line = logged((log) => log.info({ label: '\u001b[2J\u202eevil' }, 'seen'))
    for (const character of ['\u001b', '\u202e']) expect(line).not.toContain(character)
    expect(line).toContain('\\u001b[2J')
  })
})
