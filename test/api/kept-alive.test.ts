import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { keptAlive, SOCKET_PING_MS } from '../../src/api/socket-server.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const socketOf = () => Object.assign(new EventEmitter(), { isPaused: false, ping: vi.fn(), terminate: vi.fn() })

it('ends a socket that answers no ping, and none that answers', () => {
  const socket = socketOf()
  const unping = keptAlive(socket as unknown as WebSocket)
  for (let i = 0; i < 5; i++) {
    vi.advanceTimersByTime(SOCKET_PING_MS)
    socket.emit('pong')
  }
  expect(socket.terminate).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2 * SOCKET_PING_MS)
  expect(socket.terminate).toHaveBeenCalledOnce()
  unping()
})

it('lets a paused socket be, whose answers nobody reads, and gives it time when it is read again', () => {
  const socket = socketOf()
  const unping = keptAlive(socket as unknown as WebSocket)
  socket.isPaused = true
  vi.advanceTimersByTime(10 * SOCKET_PING_MS)
  socket.isPaused = false
  vi.advanceTimersByTime(SOCKET_PING_MS)
  expect(socket.terminate).not.toHaveBeenCalled()
  vi.advanceTimersByTime(SOCKET_PING_MS)
  expect(socket.terminate).toHaveBeenCalledOnce()
  unping()
})
