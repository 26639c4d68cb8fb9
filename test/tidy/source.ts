import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { parseAst } from 'vite'

/** A file of the repository, its path from the top with forward slashes. */
export type Source = { readonly path: string; readonly text: string }

/** What a rule found: `path:line what`, ready to be read. */
export type Rule = (sources: readonly Source[]) => string[]

const BINARY = new Set(['.png', '.ico', '.gz', '.tar', '.woff2'])

/** Every path that is, or will be, in git. */
export const readPaths = (): string[] => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  })
  return listed.split('\0').filter((path) => path !== '')
}

/** Every such file of text. */
export const readSources = (): Source[] =>
  readPaths()
    .filter((path) => !BINARY.has(extname(path)))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(path, 'utf8') }]
      } catch {
        return [] // deleted, and not yet committed
      }
    })

export const isCode = ({ path }: Source): boolean => /\.(ts|tsx|mjs)$/.test(path)

export type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown }

const parsed = new Map<string, Node>()

/** The file's syntax tree (ESTree with TypeScript). @throws when it is not TypeScript */
export const parse = (source: Source): Node => {
  const key = `${source.path}\0${source.text}`
  let tree = parsed.get(key)
  if (tree === undefined) {
    const lang = source.path.endsWith('.d.ts') ? 'dts' : source.path.endsWith('.tsx') ? 'tsx' : 'ts'
    tree = parseAst(source.text, { lang }) as unknown as Node
    parsed.set(key, tree)
  }
  return tree
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** Every node of the tree, parents first. */
export function* walk(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    if (isNode(value)) yield* walk(value)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield* walk(item)
  }
}

export const lineOf = (source: Source, node: Node): number => source.text.slice(0, node.start).split('\n').length
