import { dirname, normalize } from 'node:path/posix'
import { lineOf, type Node, parse, type Source, walk } from './source.ts'

export type Import = {
  readonly from: string
  readonly line: number
  /** As written. */
  readonly specifier: string
  /** A path of the repository, or undefined for a package or a module of Node. */
  readonly path: string | undefined
  readonly isType: boolean
}

const CARRIERS = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

/** All that a file imports or re-exports, also by `import()` and in types. */
export const importsOf = (source: Source): Import[] => {
  const found: Import[] = []
  for (const node of walk(parse(source))) {
    if (!CARRIERS.has(node.type)) continue
    const specifier = (node['source'] as { value?: unknown } | null)?.value
    if (typeof specifier !== 'string') continue
    const path = specifier.startsWith('.') ? normalize(`${dirname(source.path)}/${specifier}`) : undefined
    found.push({ from: source.path, line: lineOf(source, node), specifier, path, isType: isTypeOnly(node) })
  }
  return found
}

/** `import { type A }` counts as a type too: nothing of it is left at run time. */
const isTypeOnly = (node: Node): boolean => {
  if (node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type') return true
  const specifiers = node['specifiers'] as Node[] | undefined
  return specifiers !== undefined && specifiers.length > 0 && specifiers.every((one) => one['importKind'] === 'type')
}
