import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type RunOptions = {
  /** Everything of the user's is looked for under it. */
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Interrupts the program when its stderr fits. */
  readonly interruptAt?: RegExp
  /** Kills it then, with nothing to be done about it. */
  readonly killAt?: RegExp
}

/** The command line as a process of its own, until it ends. */
export const zennet = async (
  args: readonly string[],
  { home, env, input, interruptAt, killAt }: RunOptions,
): Promise<Ran> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/cli/main.ts'), ...args],
    {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_STATE_HOME: join(home, 'state'),
        ...env,
      },
    },
  )
  let [stdout, stderr] = ['', '']
  let isInterrupted = false
  child.stdout.on('data', (part) => {
    stdout += String(part)
  })
  child.stderr.on('data', (part) => {
    stderr += String(part)
    if (killAt?.test(stderr)) child.kill('SIGKILL')
    if (isInterrupted || interruptAt?.test(stderr) !== true) return
    isInterrupted = true
    child.kill('SIGINT')
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}
