const BUCKETS = 256

/**
 * A map that never changes: `put` and `drop` answer with a new one that shares what did not change. A fold over a wallet with
 * 100,000 coins then copies some 400 entries a fact instead of all of them.
 */
export type Keyed<T> = readonly (ReadonlyMap<string, T> | undefined)[]

export const emptyKeyed: Keyed<never> = []

/** FNV-1a over the last characters: keys are hashes with a small suffix, so a few are as good as all. */
const bucketOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let i = Math.max(0, key.length - 12); i < key.length; i++)
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0
  return ((hash ^ (hash >>> 16)) >>> 0) % BUCKETS
}

export const lookUp = <T>(map: Keyed<T>, key: string): T | undefined => map[bucketOf(key)]?.get(key)

export const put = <T>(map: Keyed<T>, key: string, value: T): Keyed<T> =>
  replaceBucket(map, key, (bucket) => bucket.set(key, value))

export const drop = <T>(map: Keyed<T>, key: string): Keyed<T> =>
  lookUp(map, key) === undefined ? map : replaceBucket(map, key, (bucket) => bucket.delete(key))

/** In no order that means anything. */
export function* valuesOf<T>(map: Keyed<T>): Generator<T, void, undefined> {
  for (const bucket of map) if (bucket !== undefined) yield* bucket.values()
}

const replaceBucket = <T>(map: Keyed<T>, key: string, change: (bucket: Map<string, T>) => unknown): Keyed<T> => {
  const at = bucketOf(key)
  const buckets =
    map.length === 0 ? new Array<ReadonlyMap<string, T> | undefined>(BUCKETS).fill(undefined) : map.slice()
  const bucket = new Map(map[at])
  change(bucket)
  buckets[at] = bucket
  return buckets
}
