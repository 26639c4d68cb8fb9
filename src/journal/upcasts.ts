import type { Upcasts } from './upcast.ts'

/**
 * Every fact of every release can be read: whoever changes the shape of one adds a step here, and a line of the old shape to
 * `test/histories/`. All shapes are still their first.
 */
export const UPCASTS: Upcasts = {}
