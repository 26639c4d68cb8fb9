import { type Check, Violation } from '../violation.ts'

/** What a part says that has ended for good. */
const STOPS = /any more|stopped on a fault|is parked/

/** No part of a node stops by itself: only a restart would take it up again. */
export const standing: Check = {
  name: 'nothing-stops',
  atSaid(_world, node, level, text) {
    if (level === 'error' && STOPS.test(text)) throw new Violation('nothing-stops', text, node)
  },
}
