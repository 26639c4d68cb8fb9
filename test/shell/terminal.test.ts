import { spawn } from '@lydell/node-pty'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sshCommand } from '../../src/shell/ssh-command.ts'
import { missingClients, openRig, type Rig, skipped, until } from './rig.ts'

describe.skipIf(skipped)(`a terminal through the gateway${missingClients.map((name) => ` (no ${name})`)}`, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await openRig()
  })
  afterAll(() => rig?.close())

  /** ssh on a terminal of ours, as a person has it. */
  const open = (command: string[] = []) => {
    const [file = '', ...args] = sshCommand(rig.target, command, ['-tt'])
    const pty = spawn(file, args, {
      cols: 93,
      rows: 31,
      name: 'vt220',
      cwd: rig.folder,
      env: { PATH: process.env['PATH'] },
    })
    let output = ''
    pty.onData((data) => {
      output += data
    })
    const code = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
    return { pty, code, output: () => output, shows: (text: string | RegExp) => until(() => output.search(text) >= 0) }
  }

  it('has the size and the name of the client’s', async () => {
    const { code, output } = open(['stty size; echo $TERM; test -t 0 -a -t 1 -a -t 2 && echo terminal; exit 6'])
    expect(await code).toBe(6)
    expect(output()).toContain('31 93\r\nvt220\r\nterminal\r\n')
  })

  it('follows a change of size', async () => {
    const { pty, code, shows } = open(['trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.05; done'])
    await shows('ready')
    pty.resize(111, 44)
    await shows('44 111')
    expect(await code).toBe(0)
  })

  it('gives 130 for ^C, and leaves nothing', async () => {
    const { pty, code, shows } = open(['echo ready; exec sleep 1000'])
    await shows('ready')
    pty.write('\x03')
    expect(await code).toBe(130)
    await until(() => rig.left() === 0)
  })

  it('is a login shell that ^C does not end', async () => {
    const { pty, code, shows } = open()
    pty.write('echo be""gin; sleep 1000\r')
    await shows('begin\r\n')
    await until(() => rig.left() >= 2)
    pty.write('\x03')
    pty.write('echo code=$?\r')
    await shows('code=130')
    pty.write('cd /; exit 8\r')
    expect(await code).toBe(8)
  })

  it('loses nothing of much output at the end', async () => {
    const { code, output } = open(['seq 1 60000'])
    expect(await code).toBe(0)
    const lines = output()
      .split('\r\n')
      .filter((line) => /^\d+$/.test(line))
    expect(lines.length).toBe(60_000)
  })

  it('ends all when the client is killed', async () => {
    const { pty, code, shows } = open(['trap "" HUP; (setsid sleep 1000 &); echo ready; sleep 1000; sleep 1000'])
    await shows('ready')
    pty.kill('SIGKILL')
    await code
    await until(() => rig.left() === 0)
  })
})
