import { describe, expect, it } from 'vitest'
import { announcementStream, channelStream, LEASE_ID, leaseIdOf, leaseStream, shellUser } from '../../domain/ids.ts'

const ID = '0123456789abcdef0123456789abcdef'
/** What the journal takes for a stream's name, and what Linux takes for a user's (useradd). */
const STREAM = /^[a-z0-9.:_-]{1,200}$/
const USER = /^[a-z_][a-z0-9_-]{0,31}$/

describe('ids', () => {
  it('a lease’s is 16 bytes in hex, whatever was drawn', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i * 8)
    expect(leaseIdOf(bytes)).toBe('0008101820283038404850586068707880'.slice(0, 32))
    expect(leaseIdOf(bytes)).toMatch(LEASE_ID)
  })

  it.each(['', ID.slice(1), `${ID}0`, ID.toUpperCase(), `${ID.slice(1)}g`, `${ID}\n`, ` ${ID.slice(1)}`])(
    '%j is no lease’s',
    (id) => {
      expect(LEASE_ID.test(id)).toBe(false)
    },
  )

  it('name streams apart', () => {
    const names = [leaseStream(ID), channelStream(ID), announcementStream(ID)]
    expect(new Set(names).size).toBe(3)
    for (const name of names) expect(name).toMatch(STREAM)
    expect(leaseStream(ID)).toBe(`lease-${ID}`)
    expect(channelStream(ID)).toBe(`channel-${ID}`)
  })

  it('name a user at the shell', () => {
    expect(shellUser(ID)).toBe('lease-0123456789ab')
    expect(shellUser(ID)).toMatch(USER)
  })
})
