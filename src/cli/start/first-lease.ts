import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnnouncementBody } from '../../../domain/announcement/body.ts'
import { Fault } from '../../../domain/fault.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { TERMINALS } from '../../../domain/lease/stage.ts'
import { BUSYBOX_IMAGE } from '../../machine/busybox-image.ts'
import type { Node } from '../../node/node.ts'
import { createIdentity, pinHost, sshCommand } from '../../shell/ssh-command.ts'
import { endEarlier, openOrigins } from './earlier-leases.ts'
import { linesOf } from './lease-lines.ts'
import { grouped, MARGIN, type Screen } from './screen.ts'

const MIB = 1_048_576
/** Ticks that the lease runs for before it is stopped: enough to see the counter, short enough to wait for. */
const TICKS = 8
const COMMAND = 'echo "hello from $(hostname), $(uname -sr)"; nproc; df -h "$HOME" | tail -n 1'

const BODY: AnnouncementBody = {
  version: 1,
  label: 'first lease',
  image: BUSYBOX_IMAGE,
  resources: { cpuMillis: 1000, memoryBytes: 256 * MIB, diskBytes: 64 * MIB, pids: 128 },
  isolation: 'none',
  machineNetwork: 'none',
  count: 1,
  maxHourlyMsat: 2_000_000_000n,
  maxDurationMs: 600_000,
}
/** What the local market's provider agrees to; `zennet rent` offers less unless it is told. */
export const MAX_HOURLY_SATS = BODY.maxHourlyMsat / 1000n
const CAPACITY_SATS = 100_000n

/** Rents one machine of the local market, logs in, pays by the second and settles, in front of the user. */
export const showFirstLease = async (publisher: Node, screen: Screen, signal: AbortSignal): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'zennet-start-'))
  try {
    const identity = await createIdentity(folder)
    const after = await publisher.journal.head()
    const originOf = await openOrigins(publisher)
    const posted = await publisher.market.postAnnouncement(
      {
        body: BODY,
        order: {
          authorizedKeys: [identity.publicKey],
          capacitySats: CAPACITY_SATS,
          tickMs: 1000,
          dataGraceMs: 0,
          offerWindowMs: 300,
          giveUpAt: Date.now() + 60_000,
        },
        expiryBlocks: 1_000,
      },
      `start-${Date.now()}`,
    )
    if ('problem' in posted)
      throw new Fault(posted.code, posted.message, { culprit: posted.culprit, next: posted.next })
    const { resources } = BODY
    screen.line(
      `  1 announce   on the chain in ${posted.txid.slice(0, 16)}…: 1 core, ${resources.memoryBytes / MIB} MiB, at most ${grouped(MAX_HOURLY_SATS)} sats an hour`,
    )
    for await (const followed of publisher.journal.follow(after, { streamPrefix: 'lease-' }, signal)) {
      if (followed.kind !== 'fact') continue
      const fact = followed.recorded.fact as LeaseFact
      const leaseId = followed.recorded.stream.slice('lease-'.length)
      const origin = await originOf(leaseId, posted.txid)
      if (origin === 'earlier') await endEarlier(publisher, leaseId, fact, screen)
      if (origin !== 'mine') continue
      for (const line of linesOf(fact)) screen.line(line)
      if (fact.type === 'lease.paid' && fact.tick === 0) await login(publisher, leaseId, folder, identity.file, screen)
      if (fact.type === 'lease.metered' && fact.tick === TICKS) await publisher.market.stopLease(leaseId)
      if ((TERMINALS as readonly string[]).includes(fact.type.slice('lease.'.length))) return
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs a command in the machine with the user's own `ssh`, as they would. */
const login = async (
  publisher: Node,
  leaseId: string,
  folder: string,
  identityFile: string,
  screen: Screen,
): Promise<void> => {
  const shell = await publisher.market.shell(leaseId)
  if (!shell) return screen.line('    no shell: the provider is not connected')
  const [program, ...args] = sshCommand(await pinHost(folder, shell, identityFile), [COMMAND])
  screen.exact(`${MARGIN}$ ssh -p ${shell.port} ${shell.user}@${shell.host}`)
  const { output, code } = await run(program!, args)
  for (const line of output.trimEnd().split('\n')) screen.line(`${MARGIN}| ${printable(line)}`)
  if (code === 'ENOENT') screen.line(`${MARGIN}  (install openssh-client to log in)`)
  else if (code !== 0) screen.line(`${MARGIN}  ssh ended with ${code}`)
}

/** What a machine prints could drive the terminal: control characters are shown as dots. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '·')

const run = (program: string, args: readonly string[]): Promise<{ output: string; code: number | string }> =>
  new Promise((resolve) => {
    let output = ''
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const add = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', (error: NodeJS.ErrnoException) => resolve({ output, code: error.code ?? 'error' }))
    child.on('close', (code) => resolve({ output, code: code ?? 1 }))
  })
