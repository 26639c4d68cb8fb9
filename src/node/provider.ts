import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../../domain/bytes.ts'
import type { Resources } from '../../domain/resources.ts'
import { measureMarks } from '../benchmark/marks.ts'
import type { Config } from '../config.ts'
import type { Seeker } from '../market/seeker.ts'
import type { Peers } from '../peer/port.ts'
import { openShellGateway } from '../shell/gateway.ts'
import { loadHostKey } from '../shell/host-key.ts'
import { openLoginLog } from '../shell/login-log.ts'
import { LendingLog } from '../spare/lending-log.ts'
import type { Hands } from './hands.ts'
import { openMachines } from './machines.ts'
import { openSeeker } from './seeker.ts'
import { openSpare } from './spare.ts'

const MOST_PIDS = 32_768

export type NodeProvider = {
  readonly seeker: Seeker
  readonly driver: string
  readonly notes: readonly string[]
  close(): Promise<void>
}

/** Machines, shell gateway and the eyes on the market. */
export const openProvider = async (config: Config, hands: Hands, peers: Peers): Promise<NodeProvider> => {
  const { journal, party } = hands
  const spare = openSpare(config, party)
  const name = toHex(party.keys.identity.publicKey).slice(0, 16)
  const { machines, toolbox, notes } = await openMachines(config, name, spare.parentCgroup)
  const { privateKey } = await loadHostKey(join(config.dataDir, 'ssh_host_ed25519_key'))
  const logins = openLoginLog({ journal, clock: party.clock, log: party.log })
  const gateway = await openShellGateway({
    logins,
    terminalIdleMs: config.terminalIdleMs,
    machines,
    hostKey: privateKey,
    toolbox,
    listen: { host: config.shellHost, port: config.shellPort },
  })
  const hardware = {
    cpuModel: (cpus()[0]?.model ?? 'unknown').slice(0, 120),
    cores: cpus().length,
    memoryBytes: totalmem(),
    marks: measureMarks(party.clock),
  }
  const close = async () => {
    await gateway.close()
    await logins.close()
    await machines.close()
  }
  const means = { machines, gateway, hardware, total: lent(config), spare }
  const seeker = await openSeeker(config, hands, peers, means).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const { isolation } = machines
  const giving = spare.begin(seeker, machines)
  const stop = new AbortController()
  const { closed } = spare
  const lending = new LendingLog({ journal, clock: party.clock, log: party.log, closed }).run(stop.signal)
  return {
    seeker,
    driver: machines.driver === isolation ? isolation : `${machines.driver}, isolation ${isolation}`,
    notes: [...spare.notes, ...notes],
    close: async () => {
      stop.abort(new Error('the node stops'))
      await Promise.all([giving.close(), lending])
      await seeker.close()
      await close()
    },
  }
}

const lent = (config: Config): Resources => ({
  cpuMillis: config.cpuMillis ?? cpus().length * 1000,
  memoryBytes: config.memoryBytes ?? Math.floor(totalmem() / 2),
  diskBytes: config.diskBytes,
  pids: MOST_PIDS,
})
