import { describe, expect, it } from 'vitest'
import { type Frames, linkOver } from '../../src/peer/link.ts'

/** A connection whose other end takes nothing. */
class Stuck implements Frames {
  changed = () => {}
  readonly full = true
  readonly failure = undefined
  ended = false
  gone = false
  written = 0
  read = () => undefined
  end = () => {}
  discard = () => {}
  write() {
    this.written += 1
  }
  destroy() {
    this.ended = true
    this.gone = true
    this.changed()
  }
}

const link = (frames: Frames) => linkOver(frames, { handshake: new Uint8Array(32), initiator: true, remote: 'stuck' })

describe('a link to a peer that reads nothing', () => {
  it('is cut some time after it is closed, and the sender hears of it', async () => {
    const frames = new Stuck()
    const stuck = link(frames)
    const sending = stuck.send('never read')
    stuck.close()
    await expect(sending).rejects.toMatchObject({ code: 'peer.closed' })
    expect(frames).toMatchObject({ gone: true, written: 0 })
  })

  it('is cut as well when it is a stream', async () => {
    const frames = new Stuck()
    const stream = link(frames).toDuplex()
    const failed = new Promise((resolve) => stream.write('never read', resolve))
    stream.destroy()
    expect(await failed).toBeInstanceOf(Error)
    while (!frames.gone) await new Promise((resolve) => setTimeout(resolve, 50))
  })

  it('queues nothing without end: the second message waits for the first', async () => {
    const frames = new Stuck()
    const stuck = link(frames)
    const sends = [stuck.send(1), stuck.send(2)]
    frames.destroy()
    for (const send of sends) await expect(send).rejects.toMatchObject({ code: 'peer.closed' })
    expect(frames.written).toBe(0)
  })
})
