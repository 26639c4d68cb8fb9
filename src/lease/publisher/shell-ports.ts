import { type LocalPort, openLocalPort } from '../../shell/tunnel.ts'
import type { Talk } from '../talk.ts'
import type { Tunnels } from './tunnels.ts'

/** Ports on loopback, one for each lease whose shell was asked for. */
export class ShellPorts {
  readonly #tunnels: Tunnels
  readonly #talkOf: (leaseId: string) => Talk | undefined
  readonly #open = new Map<string, Promise<LocalPort>>()

  constructor(tunnels: Tunnels, talkOf: (leaseId: string) => Talk | undefined) {
    this.#tunnels = tunnels
    this.#talkOf = talkOf
  }

  /** Leads to the lease's shell; undefined when there is no session to bring it. */
  async of(leaseId: string): Promise<LocalPort | undefined> {
    if (this.#talkOf(leaseId) === undefined) return undefined
    const connect = () => this.#tunnels.ask(leaseId, this.#talkOf(leaseId))
    const port = this.#open.get(leaseId) ?? openLocalPort({ host: '127.0.0.1', port: 0, connect })
    this.#open.set(leaseId, port)
    return await port
  }

  async close(leaseId: string): Promise<void> {
    const port = this.#open.get(leaseId)
    this.#open.delete(leaseId)
    await (await port)?.close()
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((leaseId) => this.close(leaseId)))
  }
}
