import type { Upcasts } from './upcast.ts'

/**
 * Every fact of every release can be read: whoever changes the shape of one adds a step here, and a line of the old shape to
 * `test/histories/`. All shapes are still their first; `test/histories/shapes.test.ts` notices one that is not.
 */
export const UPCASTS: Upcasts = {}
