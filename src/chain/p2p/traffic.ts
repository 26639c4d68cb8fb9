/** Counts bytes, with what stands around payloads. */
export interface Traffic {
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Unix ms; 0 for never. */
  readonly lastSentMs: number
  readonly lastReceivedMs: number
  /** By the message's name. */
  readonly sentBy: ReadonlyMap<string, number>
  readonly receivedBy: ReadonlyMap<string, number>
  sent(command: string, bytes: number, nowMs: number): void
  received(command: string, bytes: number, nowMs: number): void
}

/** Names beyond these are counted together: a peer may invent any number of them. */
const MOST_NAMES = 40
const OTHER = '*other*'

export const newTraffic = (): Traffic => {
  const sentBy = new Map<string, number>()
  const receivedBy = new Map<string, number>()
  let [sentBytes, receivedBytes, lastSentMs, lastReceivedMs] = [0, 0, 0, 0]
  const count = (by: Map<string, number>, command: string, bytes: number) => {
    const name = by.has(command) || by.size < MOST_NAMES ? command : OTHER
    by.set(name, (by.get(name) ?? 0) + bytes)
  }
  return {
    get sentBytes() {
      return sentBytes
    },
    get receivedBytes() {
      return receivedBytes
    },
    get lastSentMs() {
      return lastSentMs
    },
    get lastReceivedMs() {
      return lastReceivedMs
    },
    sentBy,
    receivedBy,
    sent: (command, bytes, nowMs) => {
      sentBytes += bytes
      lastSentMs = nowMs
      count(sentBy, command, bytes)
    },
    received: (command, bytes, nowMs) => {
      receivedBytes += bytes
      lastReceivedMs = nowMs
      count(receivedBy, command, bytes)
    },
  }
}
