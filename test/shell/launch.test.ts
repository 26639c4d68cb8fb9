import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { allowedVariable, launcher, terminalOf } from '../../src/shell/launch.ts'

const run = (argv: string[]) =>
  spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: '/' } })

describe.skipIf(process.platform === 'win32')('what a session runs', () => {
  const launch = launcher({
    path: `/a b'c`,
    sftpServer: ['/bin/echo', '$HOME', `it's`],
    cat: ['/.zennet/busybox', 'cat'],
    shell: ['/bin/sh'],
  })

  it('hands the client’s command to a shell as it is', () => {
    const { stdout, status } = run(launch.command(`echo "$PATH" 'x  y' "$0" $#; pwd; exit 3`))
    expect(stdout).toBe(`/usr/bin:/bin:/a b'c x  y /bin/sh 0\n/\n`)
    expect(status).toBe(3)
    expect(run(launch.command('')).status).toBe(0)
    expect(run(launch.command('program')).status).toBe(127)
  })

  it('runs the sftp server without a shell’s reading of its words', () => {
    expect(run(launch.sftp()).stdout).toBe(`$HOME it's\n`)
  })
})

describe('what a client may ask for', () => {
  it('is a terminal within bounds', () => {
    expect(terminalOf({ cols: 0, rows: -1, term: '$(x)' })).toEqual({ columns: 80, rows: 24, term: 'xterm' })
    expect(terminalOf({ cols: 4e9, rows: 1.5, term: 'a'.repeat(65) })).toEqual({
      columns: 4096,
      rows: 24,
      term: 'xterm',
    })
    expect(terminalOf({ cols: 132, rows: 50, term: 'screen-256color' })).toEqual({
      columns: 132,
      rows: 50,
      term: 'screen-256color',
    })
    expect(terminalOf({})).toEqual({ columns: 80, rows: 24, term: 'xterm' })
  })

  it.each([
    ['LANG', 'en_GB.UTF-8', true],
    ['LC_ALL', 'C', true],
    ['TERM', 'xterm', true],
    ['LC_', 'x', false],
    ['PATH', '/x', false],
    ['LD_PRELOAD', '/x', false],
    ['LANG', 'a\nb', false],
    ['LANG', 'a\0b', false],
    ['LANG', 'a'.repeat(257), false],
    ['LANG\n', 'a', false],
    [undefined, undefined, false],
  ])('is the variable %j=%j: %j', (name, value, allowed) => {
    expect(allowedVariable(name, value)).toBe(allowed)
  })
})
