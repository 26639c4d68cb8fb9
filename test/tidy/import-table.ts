import { builtinModules } from 'node:module'
import { type Import, importsOf } from './imports.ts'
import { isCode, type Rule } from './source.ts'

/** Files under `from` (the first row that fits counts) may import what matches `may`, besides their own folder under `src/`. */
type Row = {
  readonly from: RegExp
  readonly may: readonly RegExp[]
  readonly packages: readonly RegExp[]
  /** Packages and Node's modules that may be named in types alone. */
  readonly typesOnly?: boolean
  readonly why: string
}

const ANYTHING = [/./]
const PORT = /^src\/(.+\/)?port\.ts$/
const DOMAIN = /^domain\//
const PROJECTIONS = /^projections\//

/** Derivation of keys: as pure as the domain, but for its library. */
const KEYS = /^src\/wallet\/keys\.ts$/

/** Not ports, and still for every subsystem: built on ports alone, or a tool that several adapters stand on. */
const OPEN = [
  KEYS,
  /^src\/log\//,
  /^src\/config-values\.ts$/,
  /^src\/sqlite\//,
  /^src\/meter\//,
  /^src\/peer\/challenge\.ts$/,
  /^src\/peer\/message\.ts$/,
  /^src\/shell\/tunnel\.ts$/,
  /^src\/journal\/(streams|mailboxes|folded|snapshots|log-fold|read-types)\.ts$/,
  /^src\/claim\/(fenced|while-held)\.ts$/,
  /^src\/process\/(processes|steps|slots)\.ts$/,
]

/** Style, § 2. */
const TABLE: readonly Row[] = [
  {
    from: DOMAIN,
    may: [DOMAIN],
    packages: [/^xstate$/, /^@noble\//, /^@scure\//],
    why: 'the domain is pure: it imports only itself, xstate, @noble and @scure',
  },
  {
    from: PROJECTIONS,
    may: [DOMAIN, PROJECTIONS],
    packages: [/^@pothos\/core$/, /^graphql$/],
    why: 'projections turn facts into rows: they import the domain, themselves, @pothos/core and graphql',
  },
  {
    from: /^src\/(api|projector)\/port\.ts$/,
    may: [DOMAIN, PORT, PROJECTIONS],
    packages: ANYTHING,
    typesOnly: true,
    why: 'a port of the read side imports the domain, projections and other ports, and packages only for types',
  },
  {
    from: PORT,
    may: [DOMAIN, PORT, KEYS],
    packages: ANYTHING,
    typesOnly: true,
    why: 'a port can be read alone: it imports the domain and other ports, and packages only for types',
  },
  {
    from: /^src\/dashboard\//,
    may: [DOMAIN, /^\.cache\/dashboard\/introspection\.d\.ts$/, /^src\/curve\/noble\.ts$/],
    packages: [
      /^preact/,
      /^@preact\//,
      /^graphql-ws$/,
      /^gql\.tada$/,
      /^uplot/,
      /^@dagrejs\/dagre$/,
      /^uqr$/,
      /^@xterm\//,
    ],
    why: 'the dashboard runs in a browser: it imports the domain, the curve in JavaScript, itself and what was chosen for it; all else it asks of the API',
  },
  { from: /^src\/(main\.ts$|cli\/|node\/)/, may: ANYTHING, packages: ANYTHING, why: 'they choose the adapters' },
  {
    from: /^src\/(api|projector)\//,
    may: [DOMAIN, PROJECTIONS, PORT, ...OPEN],
    packages: ANYTHING,
    why: 'the read side imports projections, the domain and ports',
  },
  {
    from: /^src\/market\//,
    may: [DOMAIN, PROJECTIONS, PORT, ...OPEN, /^src\/lease\//],
    packages: ANYTHING,
    why: 'the market joins the two sides of a lease to the chain: it imports them, projections, ports and the domain',
  },
  {
    from: /^src\/config\.ts$/,
    may: [DOMAIN, PORT, /^src\/(lending-settings|config-values|data-dir)\.ts$/],
    packages: ANYTHING,
    why: 'the config is made of settings, ports and the domain',
  },
  {
    from: /^src\//,
    may: [DOMAIN, PORT, ...OPEN],
    packages: ANYTHING,
    why: 'a subsystem imports itself, ports and the domain; only src/main.ts and src/cli choose adapters',
  },
]

const subsystem = (path: string): string | undefined => /^src\/[^/]+\//.exec(path)?.[0]

const offence = (one: Import): string | undefined => {
  const row = TABLE.find(({ from }) => from.test(one.from))
  if (row === undefined) return undefined
  if (one.path === undefined) {
    const allowed = row.packages.some((name) => name.test(one.specifier)) && (!row.typesOnly || one.isType)
    return allowed ? undefined : row.why
  }
  const own = subsystem(one.from)
  const isOwn = own !== undefined && !PORT.test(one.from) && one.path.startsWith(own)
  return isOwn || row.may.some((path) => path.test(one.path!)) ? undefined : row.why
}

/** Every import stands in the table. */
export const importTable: Rule = (sources) =>
  sources
    .filter(isCode)
    .flatMap(importsOf)
    .flatMap((one) => {
      const why = offence(one)
      return why === undefined ? [] : [`${one.from}:${one.line} imports ${one.specifier}: ${why}`]
    })

/** Node's modules by `node:`, files by their whole name. */
export const importForm: Rule = (sources) =>
  sources
    .filter(isCode)
    .flatMap(importsOf)
    .flatMap(({ from, line, specifier }) => {
      if (!specifier.startsWith('node:') && builtinModules.includes(specifier))
        return [`${from}:${line} imports ${specifier} without node:`]
      if (specifier.startsWith('.') && !/\.[a-z]+$/.test(specifier)) {
        return [`${from}:${line} imports ${specifier} without its ending`]
      }
      return []
    })

/** No file reaches itself by its imports; types leave nothing at run time and do not count. */
export const noCycles: Rule = (sources) => {
  const edges = new Map(
    sources
      .filter(isCode)
      .map((source) => [source.path, importsOf(source).flatMap((one) => (one.path && !one.isType ? [one.path] : []))]),
  )
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) found.push([...trail.slice(at), path].join(' → '))
    if (at >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}
