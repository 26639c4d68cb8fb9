import type { ShellGateway } from '../../src/shell/port.ts'

const HOST_KEY = `ssh-ed25519 ${Buffer.from('a host key of a world').toString('base64')}`

/** A shell gateway through which nobody comes. @param serve told which lease's shell is open from now on, or closed */
export const gatewayOf = (serve: (leaseId: string, open: boolean) => void): ShellGateway => {
  return {
    hostKeyFingerprint: 'SHA256:world',
    hostKey: HOST_KEY,
    port: undefined,
    grant: ({ leaseId }) => serve(leaseId, true),
    revoke: (leaseId) => serve(leaseId, false),
    traffic: () => ({ rxBytes: 0n, txBytes: 0n }),
    serve: (stream) => void stream.destroy(),
    close: async () => {},
  }
}
