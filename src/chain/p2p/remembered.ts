/** The newest of many hashes: at most twice `most` in memory, of which the newest `most` at least are known. */
export interface Remembered {
  has(hash: string): boolean
  add(hash: string): void
  clear(): void
}

export const newRemembered = (most: number): Remembered => {
  let newer = new Set<string>()
  let older = new Set<string>()
  return {
    has: (hash) => newer.has(hash) || older.has(hash),
    add: (hash) => {
      newer.add(hash)
      // The older half is let go of whole: nothing is looked through.
      if (newer.size >= most) [older, newer] = [newer, new Set()]
    },
    clear: () => {
      newer = new Set()
      older = new Set()
    },
  }
}
