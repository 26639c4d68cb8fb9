import fc from 'fast-check'
import { expect, it } from 'vitest'
import { drop, emptyKeyed, type Keyed, lookUp, put, valuesOf } from '../../../domain/wallet/keyed.ts'

it('is a map whose older versions stay as they were', () => {
  const key = fc.string({ maxLength: 3 })
  const step = fc.oneof(fc.record({ key, value: fc.nat() }), fc.record({ key }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Map<string, number>()
      let map: Keyed<number> = emptyKeyed
      const versions: { map: Keyed<number>; content: string }[] = []
      const content = (of: Keyed<number>) => JSON.stringify([...valuesOf(of)].sort())
      for (const each of steps) {
        versions.push({ map, content: content(map) })
        if ('value' in each) {
          model.set(each.key, each.value)
          map = put(map, each.key, each.value)
        } else {
          model.delete(each.key)
          map = drop(map, each.key)
        }
        expect(lookUp(map, each.key)).toBe(model.get(each.key))
      }
      expect(content(map)).toBe(JSON.stringify([...model.values()].sort()))
      for (const version of versions) expect(content(version.map)).toBe(version.content)
    }),
  )
})
