import type { ShellGateway, ShellGrant } from '../../src/shell/port.ts'

export interface FakeGateway extends ShellGateway {
  /** Who may log in now, by lease. */
  readonly grants: Map<string, ShellGrant>
  /** Streams that tunnels brought. */
  served: number
}

const HOST_KEY = `ssh-ed25519 ${Buffer.from('a host key of a test').toString('base64')}`

/** A shell gateway that writes down who may log in; it answers each tunnel with `hello`. */
export const fakeGateway = (): FakeGateway => {
  const grants = new Map<string, ShellGrant>()
  const gateway: FakeGateway = {
    grants,
    served: 0,
    hostKeyFingerprint: 'SHA256:test',
    hostKey: HOST_KEY,
    port: undefined,
    grant: (grant) => void grants.set(grant.leaseId, grant),
    revoke: (leaseId) => void grants.delete(leaseId),
    traffic: () => ({ rxBytes: 0n, txBytes: 0n }),
    serve(stream) {
      gateway.served++
      stream.end('hello')
      stream.resume()
    },
    close: async () => {},
  }
  return gateway
}
