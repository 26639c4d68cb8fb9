import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SHELL_EXIT } from '../../src/shell/port.ts'
import { createIdentity, sshCommand } from '../../src/shell/ssh-command.ts'
import { leaseId, missingClients, openRig, type Rig, run, skipped, until, user } from './rig.ts'

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe.skipIf(skipped)(
  `the shell gateway, by OpenSSH's client${missingClients.map((name) => ` (no ${name})`)}`,
  () => {
    let rig: Rig
    beforeAll(async () => {
      rig = await openRig()
    })
    afterAll(() => rig?.close())

    it('gives exit codes, and stderr apart', async () => {
      const { code, out, err } = await rig.ssh('echo out; echo err >&2; exit 7')
      expect({ code, out: out.toString(), err }).toEqual({ code: 7, out: 'out\n', err: 'err\n' })
      expect((await rig.ssh('kill -TERM $$')).code).toBe(143)
      expect((await rig.ssh('no-such-program')).code).toBe(127)
    })

    it('starts at home with the toolbox last on the PATH', async () => {
      const [pwd, path] = (await rig.ssh('pwd; echo "$PATH"')).out.toString().trim().split('\n')
      expect(pwd).toBe(rig.home)
      expect(path?.endsWith(':/opt/zennet tools/bin')).toBe(true)
    })

    it('passes the end of input, and empty input', async () => {
      expect((await rig.ssh('cat; echo end', 'some\n')).out.toString()).toBe('some\nend\n')
      expect((await rig.ssh('cat; echo end', '')).out.toString()).toBe('end\n')
      expect((await run(sshCommand(rig.target, ['cat; echo end'], ['-n']))).out.toString()).toBe('end\n')
    })

    it('gives a login shell without a command', async () => {
      const { code, out } = await run(sshCommand(rig.target), 'pwd\nexit 9\n')
      expect({ code, out: out.toString() }).toEqual({ code: 9, out: `${rig.home}\n` })
    })

    it('carries 20 MB both ways unchanged, and counts them', async () => {
      const before = rig.gateway.traffic(leaseId)
      const sent = randomBytes(20_000_000)
      const { code, out } = await rig.ssh('cat', sent)
      expect({ code, bytes: out.length, hash: sha(out) }).toEqual({ code: 0, bytes: sent.length, hash: sha(sent) })
      const after = rig.gateway.traffic(leaseId)
      expect(after.rxBytes - before.rxBytes).toBe(20_000_000n)
      expect(after.txBytes - before.txBytes).toBe(20_000_000n)
    })

    it('keeps both outputs whole when each is larger than the window', async () => {
      const { code, out, err } = await rig.ssh(
        'head -c 9000000 /dev/zero | tr "\\0" o & head -c 9000000 /dev/zero | tr "\\0" e >&2; wait',
      )
      expect(code).toBe(0)
      expect([out.length, sha(out)]).toEqual([9_000_000, sha(Buffer.alloc(9_000_000, 'o'))])
      expect([err.length, sha(Buffer.from(err))]).toEqual([9_000_000, sha(Buffer.alloc(9_000_000, 'e'))])
    })

    it('lets a program end that does not read its input', async () => {
      expect((await rig.ssh('exit 4', randomBytes(8_000_000))).code).toBe(4)
    })

    it('takes only harmless variables from the client', async () => {
      const settings = ['LANG=xx', 'LC_ALL=C', 'LD_PRELOAD=/evil', 'BASH_ENV=/evil', 'PATH=/evil', 'LC_x=1']
      const options = ['-o', `SetEnv=${settings.join(' ')}`]
      const { out } = await run(sshCommand(rig.target, ['env'], options))
      const lines = out.toString().split('\n')
      expect(lines).toContain('LANG=xx')
      expect(lines).toContain('LC_ALL=C')
      expect(lines.filter((line) => /evil|LC_x|LD_PRELOAD/.test(line))).toEqual([])
    })

    it('refuses a wrong key, a wrong user and passwords', async () => {
      const stranger = await createIdentity(join(rig.folder, 'stranger'))
      const refused = [
        { ...rig.target, identityFile: stranger.file },
        { ...rig.target, user: 'lease-ffffffffffff' },
        { ...rig.target, user: 'root' },
      ]
      for (const target of refused) expect((await run(sshCommand(target, ['true']))).code).toBe(255)
      const others = 'PreferredAuthentications=password,keyboard-interactive,none'
      const argv = sshCommand(rig.target, ['true'], ['-v', '-o', 'BatchMode=no', '-o', 'NumberOfPasswordPrompts=1'])
      const offered = await run(argv.map((word) => (word === 'PreferredAuthentications=publickey' ? others : word)))
      expect(offered.code).toBe(255)
      expect(offered.err).toContain('Authentications that can continue: publickey\r\n')
    })

    it('lets in RSA and ECDSA keys that were granted', async () => {
      for (const type of [
        ['-t', 'rsa', '-b', '2048'],
        ['-t', 'ecdsa', '-b', '256'],
      ]) {
        const file = join(rig.folder, `id_${type[1]}`)
        expect((await run(['ssh-keygen', '-q', ...type, '-N', '', '-C', 'a comment', '-f', file])).code).toBe(0)
        const line = (await run(['cat', `${file}.pub`])).out.toString()
        rig.gateway.grant({ leaseId, user, authorizedKeys: [rig.identity.publicKey, line] })
        expect((await run(sshCommand({ ...rig.target, identityFile: file }, ['exit 3']))).code).toBe(3)
      }
      rig.gateway.grant({ leaseId, user, authorizedKeys: [rig.identity.publicKey] })
    })

    it('refuses keys and names that cannot be granted', () => {
      const grant =
        (authorizedKeys: string[], name = user, lease = leaseId) =>
        () =>
          rig.gateway.grant({ leaseId: lease, user: name, authorizedKeys })
      const bad = expect.objectContaining({ code: 'shell.bad-key' })
      for (const key of [
        '',
        'ssh-ed25519',
        'ssh-ed25519 AAAA',
        'ssh-dss AAAA',
        `restrict ${rig.identity.publicKey}`,
        'x\ny',
      ])
        expect(grant([key])).toThrow(bad)
      expect(grant(Array(17).fill(rig.identity.publicKey))).toThrow(bad)
      expect(grant([rig.identity.publicKey], user, 'another')).toThrow(
        expect.objectContaining({ code: 'shell.user-taken' }),
      )
    })

    it('refuses to forward ports where machines have no network of their own, and says why', async () => {
      const remote = sshCommand(rig.target, ['true'], ['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:1'])
      expect((await run(remote)).code).toBe(255)
      const local = sshCommand(rig.target, [], ['-W', '127.0.0.1:1'])
      const { code, err } = await run(local)
      expect(code).toBe(255)
      expect(err).toContain('administratively prohibited: machine.no-forward: ')
      expect((await run(sshCommand(rig.target, ['test -z "$SSH_AUTH_SOCK$DISPLAY"'], ['-A']))).code).toBe(0)
    })

    it('ends what a client that vanishes was running', async () => {
      const command = 'trap "" HUP; (setsid sleep 1000 &); echo ready; sleep 1000; sleep 1000'
      await run(sshCommand(rig.target, [command]), undefined, (child) => {
        child.stdout!.once('data', () => child.kill('SIGKILL'))
      })
      await until(() => rig.left() === 0)
    })

    it('leaves what was put in the background', async () => {
      expect((await rig.ssh('nohup sleep 1000 >/dev/null 2>&1 </dev/null & echo $! > background')).code).toBe(0)
      // A later session on the same gateway: the first one is closed by then.
      expect((await rig.ssh('kill -0 $(cat background) && kill $(cat background)')).code).toBe(0)
      await until(() => rig.left() === 0)
    })

    it('says that a machine is paused or gone', async () => {
      await rig.machines.freeze(leaseId)
      const frozen = await rig.ssh('true')
      expect(frozen.code).toBe(SHELL_EXIT.frozen)
      expect(frozen.err).toMatch(/^zennet: .+\n$/)
      await rig.machines.thaw(leaseId)
      expect((await rig.ssh('true')).code).toBe(0)
      rig.gateway.grant({ leaseId: 'absent', user: 'lease-absent', authorizedKeys: [rig.identity.publicKey] })
      const gone = await run(sshCommand({ ...rig.target, user: 'lease-absent' }, ['true']))
      expect(gone.code).toBe(SHELL_EXIT.unavailable)
      expect(gone.err).toMatch(/^zennet: .+\n$/)
      rig.gateway.revoke('absent')
    })

    it('outlives clients that send rubbish', async () => {
      const greetings = [
        '',
        'GET / HTTP/1.0\r\n\r\n',
        'SSH-2.0-x\r\n',
        randomBytes(100_000),
        Buffer.from('SSH-2.0-x\r\n\x7f\xff\xff\xff'),
      ]
      for (const greeting of greetings)
        await new Promise<void>((resolve) => {
          const socket = connect(rig.gateway.port!, '127.0.0.1', () => socket.end(greeting)).resume()
          socket.on('error', () => {}).once('close', () => resolve())
        })
      expect((await rig.ssh('exit 5')).code).toBe(5)
    })

    it('ends sessions in the middle when the lease is revoked, and lets nobody in again', async () => {
      const ended = await run(sshCommand(rig.target, ['echo ready; sleep 1000; sleep 1000']), undefined, (child) => {
        child.stdout!.once('data', () => rig.gateway.revoke(leaseId))
      })
      expect(ended.code).toBe(255)
      expect(ended.err).toContain('zennet: ')
      await until(() => rig.left() === 0)
      expect((await rig.ssh('true')).code).toBe(255)
      expect(rig.gateway.traffic(leaseId).rxBytes).toBeGreaterThan(20_000_000n)
      rig.gateway.grant({ leaseId, user, authorizedKeys: [rig.identity.publicKey] })
      expect((await rig.ssh('true')).code).toBe(0)
    })
  },
)
