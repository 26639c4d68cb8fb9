import { createRequire } from 'node:module'

// The parser that knip brings; a package of our own for a few tests would be one too many.
const yaml: { parse: (text: string, options: object) => unknown } = createRequire(import.meta.resolve('knip'))('yaml')

/** With merge keys (`<<`), as compose files use them. */
export const parseYaml = (text: string): unknown => yaml.parse(text, { merge: true })
