import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { attach, MAX_TERMINAL_BACKLOG_BYTES } from '../../../src/api/terminal/attach.ts'

const CHUNK = Buffer.alloc(32_768, 1)

it('reads no more of a shell than its reader takes, and loses nothing', async () => {
  const waiting: (() => void)[] = []
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    sent: 0,
    send(bytes: Buffer, _: object, written: () => void) {
      this.bufferedAmount += bytes.length
      this.sent += bytes.length
      waiting.push(() => {
        this.bufferedAmount -= bytes.length
        written()
      })
    },
  }
  const stream = new PassThrough({ highWaterMark: CHUNK.length })
  attach(socket as unknown as WebSocket, stream)
  const feed = async () => {
    for (let i = 0; i < 100; i++) if (!stream.write(CHUNK)) await new Promise((done) => stream.once('drain', done))
  }
  let isFed = false
  const fed = feed().then(() => {
    isFed = true
  })
  await expect.poll(() => stream.isPaused()).toBe(true)
  expect(socket.bufferedAmount).toBeLessThanOrEqual(MAX_TERMINAL_BACKLOG_BYTES + CHUNK.length)
  expect(isFed).toBe(false)
  while (!isFed || waiting.length > 0) {
    expect(socket.bufferedAmount).toBeLessThanOrEqual(MAX_TERMINAL_BACKLOG_BYTES + CHUNK.length)
    waiting.shift()?.()
    await new Promise(setImmediate)
  }
  await fed
  expect(socket.sent).toBe(100 * CHUNK.length)
})
