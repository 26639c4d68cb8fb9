import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPaths, readSources } from '../tidy/source.ts'
import { blocksOf, missing, runBlocks } from './blocks.ts'

const sources = readSources()
const paths = new Set(readPaths())
const folders = new Set([...paths].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))))
const exists = (path: string): boolean => paths.has(path) || folders.has(path.replace(/\/$/, ''))

const readme = readFileSync('README.md', 'utf8')
const pages = sources.filter(({ path }) => path === 'README.md' || /^docs\/.*\.md$/.test(path))

/** Relative links of a page that lead nowhere. */
const deadLinks = ({ path, text }: { path: string; text: string }): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^(https?:|#)/.test(link))
    .filter((link) => !exists(posix.join(posix.dirname(path), link.replace(/#.*$/, ''))))

/** Paths in backticks that are in no folder of the repository: `src/a/b.ts`, `docs/c.md`. Patterns and placeholders are not looked at. */
const deadPaths = (text: string): string[] =>
  [...text.matchAll(/`((?:domain|projections|src|test|ops|docs|\.ci)\/[\w./-]*)`/g)]
    .map(([, path]) => path!)
    .filter((path) => !exists(path))

/** Paths of the map: a folder's lines below it are two spaces further in. */
const mapped = (text: string): string[] => {
  const [, map] = /## Map\n\n```\n([\s\S]*?)```/.exec(text) ?? []
  const above: string[] = []
  return (map ?? '').split('\n').flatMap((line) => {
    const [, indent, name] = /^( *)(\S+)/.exec(line) ?? []
    if (name === undefined) return []
    above.length = indent!.length / 2
    above.push(name)
    return [above.join('')]
  })
}

const folderOf = (line: string): string => line.replace(/\/$/, '')

describe('what the pages say of the tree', () => {
  it.each(pages)('$path links to what is there', (page) => expect(deadLinks(page)).toEqual([]))
  it.each(pages)('$path names files that are there', ({ text }) => expect(deadPaths(text)).toEqual([]))

  it('would notice a wrong link, path or line of the map', () => {
    expect(deadLinks({ path: 'docs/a.md', text: '[a](../README.md) [b](no-such.md) [c](https://a.example)' })).toEqual([
      'no-such.md',
    ])
    expect(deadPaths('`src/config.ts` and `src/no-such.ts`')).toEqual(['src/no-such.ts'])
    expect(mapped('## Map\n\n```\nsrc/   a\n  api/   b\n  nosuch/   c\n```').filter((path) => !exists(path))).toEqual([
      'src/nosuch/',
    ])
  })

  it('the map names folders that are there, and every one of src and domain', () => {
    const map = mapped(readme)
    expect(map.filter((path) => !exists(path))).toEqual([])
    const named = new Set(map.map(folderOf))
    const wanted = [...folders].filter((folder) => /^(src|domain)\/[^/]+$/.test(folder))
    expect(wanted.filter((folder) => !named.has(folder))).toEqual([])
  })
})

const WAIT_MS = 300_000

describe.skipIf(missing.length > 0 && !process.env['CI'])(`the commands of the README ${missing.join(' ')}`, () => {
  it('do what it says, one after the other', { timeout: WAIT_MS }, async () => {
    const blocks = blocksOf(readme)
    expect(blocks.length).toBeGreaterThanOrEqual(5)
    const said = await runBlocks(blocks)
    expect(said[0]).toContain('receipt signed by both')
    expect(said[1]).toMatch(/^Linux lease-[0-9a-f]{12} /m)
    expect(said[1]).toMatch(/settled: paid [\d,]+ sats/)
    expect(said[2]).toMatch(/^[0-9a-f]{32} +publisher +settled/m)
  })
})
