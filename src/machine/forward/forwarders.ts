import { Fault } from '../../../domain/fault.ts'
import { HELPER_IDLE_MS } from '../limits.ts'
import type { ExecSpec, MachineProcess, Machines } from '../port.ts'
import { FORWARD_HELPER, type Toolbox } from '../toolbox.ts'
import { type Forwarder, forwarderOver } from './forwarder.ts'

export type ForwardersOptions = {
  readonly toolbox: Toolbox
  /** @throws Fault `machine.gone`, `machine.frozen` */
  readonly standing: (leaseId: string) => unknown
  readonly exec: (leaseId: string, spec: ExecSpec) => Promise<MachineProcess>
}

export type Forwarders = Pick<Machines, 'connect' | 'listen'> & {
  end(leaseId: string): Promise<void>
  close(): Promise<void>
}

export const noForward = (why: string) =>
  new Fault('machine.no-forward', `nothing can be forwarded here: ${why}`, {
    culprit: 'provider',
    next: 'Forward to a machine of another provider.',
  })

/** One helper for each machine that forwards: begun by the first forward, ended a while after the last, or with the machine. */
export const openForwarders = ({ toolbox, standing, exec }: ForwardersOptions): Forwarders => {
  const helpers = new Map<string, Promise<Forwarder>>()
  const resting = new Map<string, NodeJS.Timeout>()

  const start = async (leaseId: string): Promise<Forwarder> => {
    const program = await exec(leaseId, { argv: [FORWARD_HELPER] })
    const rest = () => {
      clearTimeout(resting.get(leaseId))
      const timer = setTimeout(() => forwarder.open() === 0 && void forwarder.end(), HELPER_IDLE_MS)
      resting.set(leaseId, timer.unref())
    }
    const forwarder = forwarderOver(program, rest)
    return forwarder
  }
  const helperOf = async (leaseId: string): Promise<Forwarder> => {
    if (toolbox.missing.includes('busybox') || toolbox.missing.includes('perl'))
      throw noForward('perl or a static busybox is not installed')
    await standing(leaseId)
    const known = helpers.get(leaseId)
    if (known !== undefined) return known
    const starting = start(leaseId)
    helpers.set(leaseId, starting)
    const forget = () => {
      if (helpers.get(leaseId) !== starting) return
      helpers.delete(leaseId)
      clearTimeout(resting.get(leaseId))
      resting.delete(leaseId)
    }
    starting.then(({ ended }) => ended.then(forget), forget)
    return starting
  }
  const end = async (leaseId: string) => {
    const helper = await helpers.get(leaseId)?.catch(() => undefined)
    await helper?.end()
  }

  return {
    connect: async (leaseId, to) => (await helperOf(leaseId)).connect(to),
    listen: async (leaseId, at, onConnection) => (await helperOf(leaseId)).listen(at, onConnection),
    end,
    close: async () => {
      await Promise.all([...helpers.keys()].map(end))
    },
  }
}
