import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const adapter = new URL('../../src/journal/kurrentdb.ts', import.meta.url).href
/** As if the optional package had not been installed. */
const hook = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (name.startsWith('@kurrent/')) throw new Error('not installed')
  return next(name, context)
} })`
const script = `${hook}
const { openKurrentdbJournal } = await import('${adapter}')
await openKurrentdbJournal({ url: 'kurrentdb://127.0.0.1:1?tls=false' }).catch((fault) => console.log(fault.code))`

it('says that the client is missing, and only when it is needed', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { cwd, encoding: 'utf8' })
  expect(stdout.trim()).toBe('journal.no-client')
})
