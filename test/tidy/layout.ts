import { isCode, lineOf, parse, type Rule } from './source.ts'

const FORBIDDEN_FOLDERS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'types', 'misc', 'lib'])
const CODE_ROOT = /^(domain|projections|src|test|ops)\//

/** A folder says what it is about. */
export const folderNames: Rule = (sources) =>
  sources.flatMap(({ path }) => {
    const bad = path
      .split('/')
      .slice(0, -1)
      .find((folder) => FORBIDDEN_FOLDERS.has(folder))
    return bad === undefined ? [] : [`${path} is in a folder called ${bad}`]
  })

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(actor|process|test|bench|config|d))*\.(ts|tsx|mjs)$/

export const fileNames: Rule = (sources) =>
  sources
    .filter((source) => isCode(source) && CODE_ROOT.test(source.path))
    .filter(({ path }) => !KEBAB.test(path.split('/').at(-1) ?? ''))
    .map(({ path }) => `${path} is not in kebab case`)

/** A file that only passes on what others export hides where things are. Two names of a library in passing are no barrel. */
export const noBarrels: Rule = (sources) =>
  sources
    .filter((source) => isCode(source) && !source.path.endsWith('.d.ts'))
    .flatMap((source) => {
      const body = parse(source)['body'] as { type: string; source?: unknown }[]
      const passesOn = body.length > 0 && body.every((one) => one.type.startsWith('Export') && one.source)
      return passesOn || /(^|\/)index\.tsx?$/.test(source.path) ? [`${source.path} is a barrel`] : []
    })

/** Median 80 is the aim; this is the end. */
export const MAX_LINES = 300

/** Byte-level code that is audited as one piece. */
const LONG_FILES = new Set<string>()

export const fileLength: Rule = (sources) =>
  sources
    .filter((source) => isCode(source) && /^(domain|projections|src|ops)\//.test(source.path))
    .filter(({ path }) => !LONG_FILES.has(path))
    .flatMap(({ path, text }) => {
      const lines = text.split('\n').length - 1
      return lines > MAX_LINES ? [`${path} has ${lines} lines`] : []
    })

/** Names are given where a thing is exported, so that a search finds it under one. Tools that load a file by its default have no choice. */
export const namedExports: Rule = (sources) =>
  sources
    .filter(
      (source) => isCode(source) && /^(domain|projections|src)\//.test(source.path) && !source.path.endsWith('.d.ts'),
    )
    .flatMap((source) =>
      (parse(source)['body'] as { type: string; start: number }[])
        .filter((one) => one.type === 'ExportDefaultDeclaration')
        .map((one) => `${source.path}:${lineOf(source, one)} has a default export`),
    )
