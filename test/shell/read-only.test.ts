import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesOf } from '../../src/shell/launch.ts'
import { SHELL_EXIT } from '../../src/shell/port.ts'
import { remotePath, scpCommand, sftpCommand } from '../../src/shell/ssh-command.ts'
import { type MachineRigOfShell, openMachineRig } from './machine-rig.ts'
import { leaseId, missingClients, run, skipped } from './rig.ts'

const WORDS = 'this lease has ended: its files can be read.'

describe('a command that reads', () => {
  it.each<readonly [string, readonly string[]]>([
    ['cat file', ['file']],
    ['cat a b', ['a', 'b']],
    ['cat -- -n', ['-n']],
    ["cat 'a name' /etc/passwd", ['a name', '/etc/passwd']],
    ["cat '$(id)'", ['$(id)']],
  ])('is %s', (text, files) => expect(filesOf(text)).toEqual(files))

  it.each([
    ...['cat', 'cat ', 'cat a > b', 'cat a; id', 'cat $(id)', 'cat `id`', 'cat a|b', 'cat a&', 'cat ~/x', 'cat "a"'],
    ...['catalog a', ' cat a', 'cat a\nid', 'cat <a', "cat 'a", 'cp a b', 'sh -c id', 'cat * ', 'cat {a,b}', 'cat\ta'],
  ])('is not %j', (text) => expect(filesOf(text)).toBeUndefined())
})

describe.skipIf(skipped)(`a lease that has ended${missingClients.map((name) => ` (no ${name})`)}`, () => {
  let rig: MachineRigOfShell
  beforeAll(async () => {
    rig = await openMachineRig()
    const before = await rig.ssh(
      'mkdir -p deep && echo kept > deep/file && echo spaced > "a name" && sleep 1000 </dev/null >/dev/null 2>&1 &',
    )
    expect(before.code).toBe(0)
    const { user, identity } = { user: rig.target.user, identity: rig.identity.publicKey }
    rig.gateway.grant({ leaseId, user, authorizedKeys: [identity], readOnly: WORDS })
    await rig.machines.seal(leaseId)
  }, 60_000)
  afterAll(() => rig?.close())

  const fetched = (name: string) => join(rig.folder, name)

  it('gives its files by scp, sftp and cat', async () => {
    const scp = await run(scpCommand(rig.target, ['-r', '-q', remotePath(rig.target, 'deep'), fetched('scp')]))
    expect(scp).toMatchObject({ code: 0, err: '' })
    expect(readFileSync(fetched('scp/file'), 'utf8')).toBe('kept\n')
    const sftp = await run(sftpCommand(rig.target, ['-q', '-b', '-']), `get -r deep ${fetched('sftp')}\n`)
    expect(sftp.code).toBe(0)
    expect(readFileSync(fetched('sftp/file'), 'utf8')).toBe('kept\n')
    expect(await rig.ssh("cat deep/file 'a name'")).toMatchObject({ code: 0, out: Buffer.from('kept\nspaced\n') })
  })

  it.each([
    'put /etc/hostname up',
    'rm deep/file',
    'mkdir new',
    'rmdir deep',
    'rename deep other',
    'chmod 777 deep/file',
    'chown 1 deep/file',
    'symlink deep/file link',
    'ln deep/file link',
  ])('refuses over sftp: %s', async (order) => {
    const { code } = await run(sftpCommand(rig.target, ['-q', '-b', '-']), `${order}\n`)
    expect(code).not.toBe(0)
    expect((await rig.ssh('cat deep/file')).out.toString()).toBe('kept\n')
  })

  it.each([
    'id',
    'sh -c id',
    'cat deep/file > other',
    'cat deep/file; id',
    'scp -t .',
    'scp -f deep/file',
    'rsync --server --sender . deep',
  ])('runs nothing else: %s', async (command) => {
    const { code, err } = await rig.ssh(command)
    expect({ code, err }).toEqual({ code: SHELL_EXIT.refused, err: `zennet: ${WORDS}\n` })
  })

  it('opens no shell and no forward', async () => {
    const { code, err } = await rig.ssh('')
    expect(code).not.toBe(0)
    expect(err).toContain(WORDS)
    const listening = rig.stay(['-R', '0:127.0.0.1:9'])
    expect(await listening.ended).not.toBe(0)
  })

  it('has no process of its tenant left', async () => {
    const state = await rig.machines.inspect(leaseId)
    expect(state.status).toBe('running')
    const running = await rig.machines.exec(leaseId, { argv: ['/.zennet/busybox', 'ps', '-o', 'args'] })
    running.stdin.end()
    let out = ''
    for await (const chunk of running.stdout) out += String(chunk)
    expect(out).not.toContain('sleep 1000')
  })
})
