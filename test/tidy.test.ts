import { describe, expect, it } from 'vitest'
import { importForm, importTable, noCycles } from './tidy/import-table.ts'
import { fileLength, fileNames, folderNames, MAX_LINES, namedExports, noBarrels } from './tidy/layout.ts'
import { type Rule, readSources, type Source } from './tidy/source.ts'
import { noElsewhere, oneConfig, pureDomain } from './tidy/world.ts'

const at = (path: string, text = 'export const a = 1\n'): Source => ({ path, text })

/**
 * Each rule with its canaries: planted files that it must refuse, and files close to them that it must let pass. A check that has
 * never failed is not known to check.
 */
/** Put together here, so that this file does not name what it forbids. */
const ABOVE = ['..', ''].join('/')

const RULES: Record<string, { rule: Rule; refuses: Source[][]; passes: Source[][] }> = {
  'imports stand in the table': {
    rule: importTable,
    refuses: [
      [at('domain/a.ts', "import { readFile } from 'node:fs/promises'\n")],
      [at('domain/a.ts', "import type { Clock } from '../src/clock/port.ts'\n")],
      [at('domain/a.ts', "type Clock = import('../src/clock/port.ts').Clock\n")],
      [at('domain/a.ts', "const zod = await import('zod')\n")],
      [at('domain/a.ts', "export { b } from '../projections/b.ts'\n")],
      [at('projections/a.ts', "import { b } from '../src/b/port.ts'\n")],
      [at('src/a/port.ts', "import { z } from 'zod'\n")],
      [at('src/a/port.ts', "import { real } from './real.ts'\n")],
      [at('src/a/real.ts', "import { other } from '../b/real.ts'\n")],
      [at('src/a/deep/real.ts', "import type { Other } from '../../b/memory.ts'\n")],
      [at('src/a/real.ts', "import { row } from '../../projections/row.ts'\n")],
      [at('src/dashboard/a/b.tsx', "import { row } from '../../../projections/row.ts'\n")],
      [at('src/dashboard/a/b.tsx', "import { join } from 'node:path'\n")],
    ],
    passes: [
      [at('domain/a/b.ts', "import { assign } from 'xstate'\nimport { c } from '../c.ts'\n")],
      [at('src/a/port.ts', "import type { Duplex } from 'node:stream'\nimport { b } from '../b/port.ts'\n")],
      [
        at(
          'src/a/deep/real.ts',
          "import { z } from 'zod'\nimport { c } from '../c.ts'\nimport { d } from '../../d/port.ts'\n",
        ),
      ],
      [at('src/cli/a.ts', "import { real } from '../a/real.ts'\n")],
      [at('src/api/a.ts', "import { row } from '../../projections/row.ts'\n")],
      [
        at(
          'src/dashboard/a/b.tsx',
          "import { useState } from 'preact/hooks'\nimport { c } from '../../../domain/c.ts'\n",
        ),
      ],
      [at('domain/a.ts', '// import x from "fs"\nexport const text = `\nimport y from "node:fs"\n`\n')],
    ],
  },
  'imports are written in full': {
    rule: importForm,
    refuses: [[at('src/a.ts', "import fs from 'fs'\n")], [at('src/a.ts', "import { b } from './b'\n")]],
    passes: [[at('src/a.ts', "import fs from 'node:fs'\nimport { b } from './b.ts'\nimport c from 'c'\n")]],
  },
  'no file imports itself by way of others': {
    rule: noCycles,
    refuses: [
      [
        at('src/a.ts', "import './b.ts'\n"),
        at('src/b.ts', "import './c.ts'\n"),
        at('src/c.ts', "export * from './a.ts'\n"),
      ],
      [at('src/a.ts', "import './a.ts'\n")],
    ],
    passes: [
      [at('src/a.ts', "import './b.ts'\nimport './c.ts'\n"), at('src/b.ts', "import './c.ts'\n"), at('src/c.ts')],
      [at('src/a.ts', "import { b } from './b.ts'\n"), at('src/b.ts', "import { type A } from './a.ts'\n")],
    ],
  },
  'folders say what they are about': {
    rule: folderNames,
    refuses: [[at('src/utils/a.ts')], [at('test/peer/helpers/a.ts')]],
    passes: [[at('src/peer/a.ts')]],
  },
  'files are in kebab case': {
    rule: fileNames,
    refuses: [[at('src/peerLink.ts')], [at('domain/Peer.ts')], [at('test/a_b.test.ts')]],
    passes: [[at('src/peer-link.ts')], [at('src/a.process.ts')], [at('src/a.d.ts')]],
  },
  'there are no barrels': {
    rule: noBarrels,
    refuses: [[at('src/a.ts', "export * from './b.ts'\nexport { c } from './c.ts'\n")], [at('src/a/index.ts')]],
    passes: [[at('src/a.ts', "export { sha256 } from '@noble/hashes/sha2.js'\nexport const b = 1\n")]],
  },
  'files are short': {
    rule: fileLength,
    refuses: [[at('src/a.ts', 'a()\n'.repeat(MAX_LINES + 1))]],
    passes: [[at('src/a.ts', 'a()\n'.repeat(MAX_LINES))], [at('test/a.ts', 'a()\n'.repeat(MAX_LINES + 1))]],
  },
  'exports have names': {
    rule: namedExports,
    refuses: [[at('src/a.ts', 'export default 1\n')]],
    passes: [[at('vitest.config.ts', 'export default {}\n')]],
  },
  'the domain has no clock, no dice, no wires': {
    rule: pureDomain,
    refuses: [
      'Date.now()',
      'const now = Date.now',
      'Math.random()',
      'new Date()',
      'setTimeout(a, 1)',
      'fetch("a")',
      'console.log(1)',
      'process.exit()',
    ].map((text) => [at('domain/a.ts', text)]),
    passes: [
      [
        at(
          'domain/a.ts',
          'new Date(0).toISOString(); a.fetch(); Math.floor(1)\n// Date.now()\nexport const b = "Math.random()"',
        ),
      ],
      [at('src/a.ts', 'Date.now()')],
    ],
  },
  'settings come in at one place': {
    rule: oneConfig,
    refuses: [[at('src/a/b.ts', "process.env['A']")], [at('src/node/a.ts', 'const { env } = process; a(process.env)')]],
    passes: [
      [at('src/config.ts', 'process.env')],
      [at('src/cli/a.ts', 'process.env'), at('src/main.ts', 'process.env')],
      [at('test/a.ts', 'process.env')],
    ],
  },
  'nothing names a place outside the repository': {
    rule: noElsewhere,
    refuses: [
      [at('README.md', `see ${ABOVE}shared/notes`)],
      [at('docs/a.md', 'as shared/design.md says')],
      [at('src/a.ts', "const home = '/home/ann/zennet'")],
      [at('src/a.ts', `// see ${['', 'work', 'main'].join('/')}`)],
      [at('docs/a.md', '[other](../../other)')],
    ],
    passes: [
      [at('src/a/b.ts', "import { c } from '../../domain/c.ts'")],
      [at('README.md', `https://a.example${['', 'work', ''].join('/')} and ./docs`)],
    ],
  },
}

const sources = readSources()

it('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(100)
})

describe.each(Object.entries(RULES))('%s', (_name, { rule, refuses, passes }) => {
  it.each(refuses)('bites (%#)', (...planted) => expect(rule(planted)).not.toEqual([]))
  it.each(passes)('lets others be (%#)', (...planted) => expect(rule(planted)).toEqual([]))
  it('holds here', () => expect(rule(sources)).toEqual([]))
})
