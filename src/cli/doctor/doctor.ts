import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../../domain/fault.ts'
import { plainText } from '../../../domain/plain-text.ts'
import { probeDrivers } from '../../machine/probe.ts'
import { EXIT } from '../exit-code.ts'
import { connect, knownUrl, type NodeFlags } from '../node-options.ts'
import { type Output, print, printRows } from '../output.ts'
import { openProgress } from '../progress.ts'
import { configOf } from '../setting-options.ts'
import { ableOf, type Finding, found, missing } from './check.ts'
import { checkTime } from './clock.ts'
import { checkDockerDaemon } from './docker.ts'
import { checkBusybox, checkCurve, checkDataDir, checkNode, checkProgram, checkSsh2 } from './host.ts'
import { checkCgroups, checkSwitches } from './kernel.ts'
import { checkModes } from './modes.ts'
import { checkParked } from './parked.ts'
import { checkPort } from './ports.ts'
import { checkMemory, checkSpace } from './space.ts'

type Flags = NodeFlags & { readonly output: Output; readonly role: 'publisher' | 'provider' | 'both' }

/** @returns 0 when nothing is in the way of what this machine is to do, else 1 */
export const doctor = async (flags: Flags): Promise<number> => {
  const progress = openProgress()
  progress.show('trying what a node needs')
  const findings = await examine(flags).finally(() => progress.clear())
  printRows(
    findings,
    [
      ['', ({ ok, need }) => (ok ? 'ok' : need === 'nobody' ? 'note' : 'MISSING')],
      ['WHAT', ({ name }) => name],
      ['FOUND', ({ is }) => is],
    ],
    flags.output,
  )
  const { publisher, provider } = ableOf(findings)
  if (flags.output === 'table') {
    print('')
    // Not a column: with it the table would be wider than most terminals.
    for (const { name, ok, means, fault, next } of findings)
      if (!ok) print(plainText(`${name}: ${means} (at fault: ${fault}). ${next}`))
    if (findings.some(({ ok }) => !ok)) print('')
    print(`renting (publisher): ${publisher ? 'works here' : 'does not work here yet'}`)
    print(`lending out (provider): ${provider ? 'works here' : 'does not work here yet'}`)
  }
  const isAble = { publisher, provider, both: publisher && provider }[flags.role]
  return isAble ? EXIT.done : EXIT.fault
}

const examine = async (flags: Flags): Promise<Finding[]> => {
  const config = configOf(flags)
  const node = await checkRunning(flags)
  // A node that runs has its ports.
  const ports = node[0]?.ok
    ? []
    : await Promise.all([
        checkPort('api-port', config.apiPort, 'nobody'),
        checkPort('publisher-port', config.publisherPort, 'publisher'),
        checkPort('shell-port', config.shellPort, 'provider'),
        checkPort('rpc-port', config.rpcPort, 'nobody'),
      ])
  return [
    checkNode(),
    checkCurve(),
    checkSsh2(),
    await checkProgram('ssh', ['-V'], 'publisher', {
      means: 'rent cannot open a shell',
      next: 'Debian: apt install openssh-client',
    }),
    await checkProgram('rsync', ['--version'], 'nobody', {
      means: 'folders can be fetched with scp only',
      next: 'Debian: apt install rsync',
    }),
    checkBusybox(),
    ...(await checkDockerDaemon(config.dockerSocket)),
    checkSwitches(),
    await checkCgroups(),
    ...(await checkMachines(config.dockerSocket)),
    checkMemory(),
    ...(await checkSpace(config.dataDir)),
    checkDataDir(config.dataDir),
    checkModes(config.dataDir),
    ...ports,
    ...node,
  ]
}

/** Real machines, made, used and removed; one driver is enough. */
const checkMachines = async (socketPath: string | undefined): Promise<Finding[]> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zennet-doctor-'))
  try {
    const reports = await probeDrivers({ dataDir, ...(socketPath === undefined ? {} : { socketPath }) })
    const need = reports.some(({ ok }) => ok) ? 'nobody' : 'provider'
    const names = { docker: 'Docker', namespace: 'user namespaces' }
    return reports.map(({ name, ok, why, next }) =>
      ok
        ? found(names[name], need, 'a trial machine ran')
        : missing(names[name], need, why ?? '', {
            means: need === 'nobody' ? 'the other kind of machine is used' : 'no machine can be made here',
            fault: 'this machine',
            next: next ?? 'See the cause.',
          }),
    )
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** A node that runs is not needed to start one: what is missing here keeps nobody. */
const checkRunning = async (flags: NodeFlags): Promise<Finding[]> => {
  try {
    const client = connect(flags)
    const { status } = await client.request<{
      status: { version: string; network: string; height: number | null; roles: string[] }
    }>('{ status { version network height roles } }')
    const { version, network, height, roles } = status
    const is = `${version} on ${network}, ${roles.join(', ')}, chain tip ${height ?? 'none yet'}`
    return [found('running node', 'nobody', is), ...(await checkTime(client)), ...(await checkParked(client))]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const next = knownUrl(flags) === undefined ? 'Start one: zennet start' : error.next
    return [
      missing('running node', 'nobody', error.message, {
        means: 'its chain, clock and effects were not looked at',
        fault: 'you',
        next,
      }),
    ]
  }
}
