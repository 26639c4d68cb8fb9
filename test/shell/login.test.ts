import { duplexPair } from 'node:stream'
import { spawn } from '@lydell/node-pty'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { type LoginFact, loginStream } from '../../domain/login/facts.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openLoginLog } from '../../src/shell/login-log.ts'
import { FAILED_LOGINS_PER_MINUTE_MAX, LOGINS_PER_MINUTE_MAX } from '../../src/shell/port.ts'
import { createIdentity, sshCommand } from '../../src/shell/ssh-command.ts'
import { leaseId, openRig, type Rig, run, skipped, until, user } from './rig.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const factsOf = async (journal: Journal) =>
  (await journal.read(loginStream(leaseId))).map(({ fact }) => fact as LoginFact)

describe('the log of logins', () => {
  const said = {
    why: 'client',
    channels: { shell: 1, exec: 0, sftp: 0, forward: 0, listener: 0 },
    rxBytes: 1n,
    txBytes: 2n,
  } as const
  const who = { key: 'SHA256:a', from: '192.0.2.1' }

  it('writes so many a minute, and counts the rest and the refused in one fact', async () => {
    const journal = memoryJournal()
    const logins = openLoginLog({ journal, clock: systemClock, log: log as never })
    const ids = Array.from({ length: LOGINS_PER_MINUTE_MAX + 40 }, () => logins.opened(leaseId, who))
    for (let n = 0; n < 500; n += 1) logins.refused(leaseId)
    for (const id of ids) if (id !== undefined) logins.closed(leaseId, id, said)
    logins.ended(leaseId)
    await logins.close()
    const facts = await factsOf(journal)
    const count = (type: string) => facts.filter((fact) => fact.type === type).length
    expect([count('login.opened'), count('login.closed')]).toEqual([LOGINS_PER_MINUTE_MAX, LOGINS_PER_MINUTE_MAX])
    expect(facts.filter((fact) => fact.type === 'login.counted')).toMatchObject([{ refused: 500, unrecorded: 40 }])
  })

  it('ends what an earlier life of the node left open, and goes on behind another writer', async () => {
    const journal = memoryJournal()
    const first = openLoginLog({ journal, clock: systemClock, log: log as never })
    const left = first.opened(leaseId, who)!
    await first.close()
    const second = openLoginLog({ journal, clock: systemClock, log: log as never })
    const id = second.opened(leaseId, who)!
    await second.close()
    const stranger = { type: 'login.counted', at: 1, refused: 1, unrecorded: 0 } as Fact
    await journal.transact([{ stream: loginStream(leaseId), expected: 3, facts: [stranger] }])
    second.closed(leaseId, id, said)
    await second.close()
    expect(await factsOf(journal)).toMatchObject([
      { type: 'login.opened', login: left },
      { type: 'login.closed', login: left, why: 'node-stopped' },
      { type: 'login.opened', login: id },
      { type: 'login.counted' },
      { type: 'login.closed', login: id, why: 'client' },
    ])
  })

  it('costs nobody a shell when the log does not take it', async () => {
    const journal = { ...memoryJournal(), transact: () => Promise.reject(new Error('full')) } as unknown as Journal
    const logins = openLoginLog({ journal, clock: systemClock, log: log as never })
    expect(logins.opened(leaseId, who)).toMatch(/^[0-9a-f]{16}$/)
    await logins.close()
  })
})

describe.skipIf(skipped)('logins at the gateway', () => {
  let rig: Rig
  let journal: Journal
  let logins: ReturnType<typeof openLoginLog>
  beforeEach(async () => {
    journal = memoryJournal()
    logins = openLoginLog({ journal, clock: systemClock, log: log as never })
    rig = await openRig({ logins, terminalIdleMs: 400 })
  })
  afterEach(async () => {
    await rig.close()
    await logins.close()
  })
  /** A person's shell. */
  const openTerminal = () => {
    const [file = '', ...args] = sshCommand(rig.target)
    const pty = spawn(file, args, { cols: 80, rows: 24, cwd: rig.folder, env: { PATH: process.env['PATH'] } })
    let output = ''
    pty.onData((data) => {
      output += data
    })
    const code = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
    return {
      code,
      write: (text: string) => pty.write(text),
      shows: (text: string) => until(() => output.includes(text)),
    }
  }
  const closed = async () => {
    await until(async () => (await factsOf(journal)).some((fact) => fact.type === 'login.closed'))
    return factsOf(journal)
  }

  it('say who, from where, what kinds of channels, how much, and why it ended; nothing of what was done', async () => {
    await rig.ssh('cat; echo secret-words', 'twelve bytes')
    const facts = await closed()
    const fingerprint = (await run(['ssh-keygen', '-lf', rig.identity.file])).out.toString().split(' ')[1]
    expect(facts).toMatchObject([
      { type: 'login.opened', key: fingerprint, from: expect.stringContaining('127.0.0.1') },
      { type: 'login.closed', why: 'client', channels: { shell: 0, exec: 1, sftp: 0 }, rxBytes: 12n, txBytes: 25n },
    ])
    expect(JSON.stringify(facts, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(
      'secret',
    )
  })

  it('say when the lease ended, and what came through a tunnel', async () => {
    await run(sshCommand(rig.target, ['echo ready; sleep 1000']), undefined, (child) => {
      child.stdout!.once('data', () => rig.gateway.revoke(leaseId))
    })
    expect(await closed()).toMatchObject([{ type: 'login.opened' }, { type: 'login.closed', why: 'revoked' }])
    const [near, far] = duplexPair()
    rig.gateway.serve(far)
    near.on('error', () => {}).destroy()
  })

  it('are counted when refused, and an address with too many is sent away until it rests', async () => {
    const stranger = await createIdentity(`${rig.folder}/stranger`)
    const target = { ...rig.target, identityFile: stranger.file }
    for (let done = 0; done < FAILED_LOGINS_PER_MINUTE_MAX; done += 6)
      await Promise.all(Array.from({ length: 6 }, () => run(sshCommand(target, ['true']))))
    const sent = await run(sshCommand(target, ['true'], ['-v']))
    expect(sent.code).toBe(255)
    expect(sent.err).toContain('too many failed logins from your address')
    // A tunnel has no address: who comes by the lease's own session is not held up by strangers.
    logins.ended(leaseId)
    await logins.close()
    expect(await factsOf(journal)).toMatchObject([{ type: 'login.counted', refused: FAILED_LOGINS_PER_MINUTE_MAX }])
  })

  it('greet terminals with the lease’s facts, in plain text, and nothing else', async () => {
    const greeting = 'Zennet lease\n  price \x1b]0;title\x07\u202e5 sats\n'
    rig.gateway.grant({ leaseId, user, authorizedKeys: [rig.identity.publicKey], greeting })
    const terminal = openTerminal()
    await terminal.shows('Zennet lease\r\n  price ]0;title5 sats\r\n')
    terminal.write('exit 3\r')
    expect(await terminal.code).toBe(3)
    expect((await rig.ssh('true')).out.toString()).toBe('')
    expect((await run(sshCommand(rig.target), 'exit\n')).out.toString()).toBe('')
    expect((await run(sshCommand(rig.target, ['true'], ['-tt']))).out.toString()).toBe('')
  })

  it('end a terminal that was forgotten, and no silent command', async () => {
    const silent = run(sshCommand(rig.target, ['sleep 2; exit 4']))
    const terminal = openTerminal()
    await terminal.shows('this terminal was forgotten')
    await terminal.code
    expect((await silent).code).toBe(4)
  })
})
