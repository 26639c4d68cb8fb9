import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

// Makes the dashboard's files, which zennetd serves: .cache/dashboard/page. Does nothing when they are made of what is here.
//   node ops/dashboard/build.ts

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, '.cache', 'dashboard')
const page = join(folder, 'page')
const stamp = join(folder, 'stamp')
/** What the files are made of. */
const SOURCES = ['src/dashboard', 'src/curve', 'domain', 'ops/dashboard', 'package-lock.json']

const filesIn = (path: string): string[] =>
  path.endsWith('.json')
    ? [path]
    : readdirSync(join(root, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
        .sort()

const sum = (): string => {
  const hash = createHash('sha256')
  for (const path of SOURCES.flatMap(filesIn))
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

const madeOf = (): string | undefined => {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return undefined
  }
}

const wanted = sum()
if (madeOf() !== wanted) {
  // Beside, and put in place at once: a node may be serving what is there.
  const fresh = join(folder, `page-${process.pid}`)
  await build({
    root: join(root, 'src', 'dashboard'),
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: fresh,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
  for (const path of readdirSync(fresh, { recursive: true, encoding: 'utf8' }))
    if (/\.(js|css|html|svg)$/.test(path))
      writeFileSync(
        join(fresh, `${path}.gz`),
        gzipSync(readFileSync(join(fresh, path)), { level: constants.Z_BEST_COMPRESSION }),
      )
  const old = `${fresh}-old`
  // A node that serves finds the one or the other, but for a moment between two renames.
  if (existsSync(page)) renameSync(page, old)
  try {
    renameSync(fresh, page)
  } catch (error) {
    // Another build was a moment faster, of the same.
    rmSync(fresh, { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
  rmSync(old, { recursive: true, force: true })
  writeFileSync(stamp, wanted)
}
