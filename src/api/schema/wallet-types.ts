import { z } from 'zod'
import type { LockState } from '../port.ts'
import { problemOf } from '../problem.ts'
import { builder } from './builder.ts'
import { AccountEnum } from './node-types.ts'

export const READS_ONLY = problemOf(
  'reads-only',
  'this node has no keys: it only reads the log',
  'Send it to a node with the role publisher or provider on the same log.',
)

export const FeeChoice = z.strictObject({
  feeRate: z.number().min(0.1).max(10_000).exactOptional(),
  targetBlocks: z.int().min(1).max(1_008).exactOptional(),
})
export const Payment = z.strictObject({
  address: z.string().min(1).max(120),
  sats: z.bigint().min(1n).max(2_100_000_000_000_000n),
  ...FeeChoice.shape,
})

export const LockStateType = builder.objectRef<LockState>('WalletLock').implement({
  description: 'Whether coins may be spent on request.',
  fields: (t) => ({
    locked: t.exposeBoolean('locked'),
    unlockedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null when it is locked, or stays unlocked as the node started.',
      resolve: ({ unlockedUntil }) => unlockedUntil ?? null,
    }),
    position: t.field({
      type: 'Position',
      description: 'Of the rows when it was asked: the lock itself is in no log.',
      resolve: (_, __, { projector }) => projector.position(),
    }),
  }),
})

export const DescriptorType = builder
  .objectRef<{ account: 'receive' | 'change' | 'identity' | 'channel'; descriptor: string }>('WalletDescriptor')
  .implement({
    description: 'Finds every address of an account, and signs nothing (BIP 380, 382).',
    fields: (t) => ({
      account: t.expose('account', { type: AccountEnum }),
      descriptor: t.exposeString('descriptor', { description: 'With its checksum.' }),
      position: t.field({
        type: 'Position',
        description: 'Of the rows when it was asked: keys do not change with the log.',
        resolve: (_, __, { projector }) => projector.position(),
      }),
    }),
  })
