/** Channels that a login opened, by kind: never what went through them. */
export type ChannelCounts = {
  readonly shell: number
  readonly exec: number
  readonly sftp: number
  readonly forward: number
  readonly listener: number
}

/** `node-stopped`: the provider's node ended without saying more. */
export type LoginEnd = 'client' | 'revoked' | 'idle' | 'node-stopped'

/** What can have happened at a lease's shell. On the provider's side only, in a stream of its own for each lease. */
export type LoginFact =
  /** A granted key was proven. */
  | {
      readonly type: 'login.opened'
      readonly at: number
      /** 8 random bytes, hex. */
      readonly login: string
      /** `SHA256:…` of the public key, as OpenSSH prints it. */
      readonly key: string
      /** Address of the client; `tunnel` where it came by the lease's own session. */
      readonly from: string
    }
  | {
      readonly type: 'login.closed'
      readonly at: number
      readonly login: string
      readonly why: LoginEnd
      readonly channels: ChannelCounts
      /** Into and out of the machine. */
      readonly rxBytes: bigint
      readonly txBytes: bigint
    }
  /** Since the last such fact: connections that named the lease and proved no key, and logins that were too many to be written down. */
  | { readonly type: 'login.counted'; readonly at: number; readonly refused: number; readonly unrecorded: number }

export const loginStream = (leaseId: string): string => `logins-${leaseId}`
