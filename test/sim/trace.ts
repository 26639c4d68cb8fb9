import { createHash } from 'node:crypto'

/** Lines that are kept to be shown when something is wrong. */
const KEPT = 4_000
/** Hashed at once: each call costs more than a line. */
const HASHED_CHARACTERS = 16_384

export type Line = { readonly atUs: number; readonly node: string; readonly text: string }

/** Everything that was written and sent in a world, in order: two runs of one seed have the same. */
export class Trace {
  readonly #hash = createHash('sha256')
  #lines: Line[] = []
  #digest: string | undefined
  #unhashed = ''

  add(atUs: number, node: string, text: string): void {
    this.#unhashed += `${atUs} ${node} ${text}\n`
    if (this.#unhashed.length > HASHED_CHARACTERS) this.#digestOn()
    this.#lines.push({ atUs, node, text })
    if (this.#lines.length >= 2 * KEPT) this.#lines = this.#lines.slice(-KEPT)
  }

  /** Ends the trace. */
  digest(): string {
    this.#digestOn()
    this.#digest ??= this.#hash.digest('hex')
    return this.#digest
  }

  #digestOn(): void {
    if (this.#digest === undefined) this.#hash.update(this.#unhashed)
    this.#unhashed = ''
  }

  /** The newest lines of some nodes, for people. */
  story(nodes: readonly string[], count: number): string {
    return this.#lines
      .filter(({ node, text }) => (nodes.length === 0 || nodes.includes(node)) && !/^\| (chain|wallet) /.test(text))
      .slice(-count)
      .map(({ atUs, node, text }) => `${(atUs / 1e6).toFixed(3).padStart(9)} ${node.padEnd(11)} ${text.slice(0, 260)}`)
      .join('\n')
  }
}
