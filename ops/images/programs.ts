// Builds `zennet/zennetd` and `zennet/xencoind`, with the version as tag, in the Docker of DOCKER_HOST (or the default socket):
//   node ops/images/programs.ts                          on a base made of Debian's packages: no registry is asked
//   node ops/images/programs.ts --base debian:12.11-slim on an image that Docker has or can pull
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import Docker from 'dockerode'
import { VERSION } from '../../src/node/version.ts'

/** Without a limit: how long packages take to come is the network's business. */
const run = promisify(execFile)

export const PROGRAMS = ['xencoind', 'zennetd'] as const
export const imageOf = (program: (typeof PROGRAMS)[number]): string => `zennet/${program}:${VERSION}`

const ROOT = join(import.meta.dirname, '../..')
const PACKAGE = [
  'package.json',
  'package-lock.json',
  'LICENSE',
  'schema.graphql',
  'domain',
  'projections',
  'src',
  'ops',
]
/** The dashboard, where it was built (`npm run dashboard`; setup does it). */
const PAGE = '.cache/dashboard/page'
/** The image that base.sh makes. */
const OWN_BASE = 'zennet/base:12'

/** Folders of the packages that run, not those of tests: what the lock file does not mark `dev`, and is installed here. */
const installed = (): string[] => {
  const read = (path: string) =>
    JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { packages: Record<string, { dev?: boolean }> }
  const wanted = read('package-lock.json').packages
  const paths = Object.keys(read('node_modules/.package-lock.json').packages).filter((path) => !wanted[path]?.dev)
  // What lies in another's folder comes with that.
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)))
}

/** Waits until Docker has done it, and tells what it says. */
const followed = (docker: Docker, stream: NodeJS.ReadableStream, tell = (_: string): void => {}): Promise<void> =>
  new Promise((resolve, reject) =>
    docker.modem.followProgress(
      stream,
      (error: Error | null, said: { error?: string }[]) => {
        const failed = error ?? said.find((one) => one.error !== undefined)?.error
        if (failed) reject(new Error(String(failed)))
        else resolve()
      },
      (event: { stream?: string }) => tell(event.stream ?? ''),
    ),
  )

const tar = async (file: string, folder: string, names: readonly string[]): Promise<string> => {
  await run('tar', ['-C', folder, '--numeric-owner', '--owner=0', '--group=0', '-cf', file, ...names])
  return file
}

/** A base out of Debian's packages. */
const makeBase = async (docker: Docker, work: string): Promise<string> => {
  const tree = join(work, 'base')
  await run('bash', [join(import.meta.dirname, 'base.sh'), tree])
  const [repo, tag] = OWN_BASE.split(':')
  await followed(docker, await docker.importImage(await tar(join(work, 'base.tar'), tree, ['.']), { repo, tag }))
  return OWN_BASE
}

/** Builds both. `base`: an image that Docker has or can pull; absent: one is made. `tell` hears what Docker says. */
export const buildPrograms = async (docker: Docker, base?: string, tell?: (text: string) => void): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), 'zennet-images-'))
  try {
    const from = base ?? (await makeBase(docker, work))
    const page = existsSync(join(ROOT, PAGE)) ? [PAGE] : []
    const file = await tar(join(work, 'context.tar'), ROOT, [...PACKAGE, ...page, ...installed()])
    for (const target of PROGRAMS) {
      const options = { t: imageOf(target), target, dockerfile: 'ops/images/Dockerfile', buildargs: { BASE: from } }
      await followed(docker, await docker.buildImage(file, options), tell)
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { base: { type: 'string' } } })
  await buildPrograms(new Docker(), values.base, (text) => process.stderr.write(text))
  process.stdout.write(`${PROGRAMS.map(imageOf).join(' and ')} are ready\n`)
}
