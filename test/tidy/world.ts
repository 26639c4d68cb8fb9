import { isCode, lineOf, type Node, parse, type Rule, type Source, walk } from './source.ts'

const name = (node: unknown): string | undefined =>
  (node as Node | undefined)?.type === 'Identifier' ? ((node as Node)['name'] as string) : undefined

const CLOCKS_AND_DICE = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.hrtime',
  'crypto.getRandomValues',
])
const CALLS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'Date'])

const impure = (node: Node): string | undefined => {
  if (node.type === 'MemberExpression') {
    const path = `${name(node['object'])}.${name(node['property'])}`
    if (CLOCKS_AND_DICE.has(path) || path.startsWith('console.') || path.startsWith('process.')) return path
  }
  if (node.type === 'CallExpression' && CALLS.has(name(node['callee']) ?? '')) return `${name(node['callee'])}()`
  const isNow = node.type === 'NewExpression' && (node['arguments'] as unknown[]).length === 0
  return isNow && name(node['callee']) === 'Date' ? 'new Date()' : undefined
}

const find = (sources: readonly Source[], where: RegExp, what: (node: Node) => string | undefined): string[] =>
  sources
    .filter((source) => isCode(source) && where.test(source.path))
    .flatMap((source) =>
      [...walk(parse(source))].flatMap((node) => {
        const found = what(node)
        return found === undefined ? [] : [`${source.path}:${lineOf(source, node)} uses ${found}`]
      }),
    )

/** No clock, no dice, no wires in what is true and what is shown. */
export const pureDomain: Rule = (sources) => find(sources, /^(domain|projections)\//, impure)

/** Settings come in at one place, where they are checked. */
export const oneConfig: Rule = (sources) =>
  find(sources, /^(?!src\/(?:config|main)\.ts$|src\/cli\/)(domain|projections|src)\//, (node) =>
    node.type === 'MemberExpression' && name(node['object']) === 'process' && name(node['property']) === 'env'
      ? 'process.env'
      : undefined,
  )

/** A machine in a test has homes; ours are nobody's business. */
const HOME = /\/(?:home|Users)\/[A-Za-z]\w*/g
/** Work folders of one machine, and notes that are not in the repository. */
const ELSEWHERE = /(?<![\w.])\/work\/|\bshared\/[\w-]+\.md\b|(?:\.\.\/)+shared\b/g
const UPWARDS = /(?<![\w./])(?:\.\.\/)+/g

/** What the repository says must be true on every machine: no path of one, and none that leads out of it. */
export const noElsewhere: Rule = (sources) =>
  sources
    .filter(({ path }) => path !== 'package-lock.json' && !path.startsWith('test/tidy'))
    .flatMap((source) => {
      const depth = source.path.split('/').length - 1
      const out = [...source.text.matchAll(UPWARDS)].filter(([up]) => up.length / 3 > depth)
      const homes = source.path.startsWith('test/') ? [] : source.text.matchAll(HOME)
      return [...homes, ...source.text.matchAll(ELSEWHERE), ...out].map((match) => {
        const line = source.text.slice(0, match.index).split('\n').length
        return `${source.path}:${line} names ${match[0]}`
      })
    })
