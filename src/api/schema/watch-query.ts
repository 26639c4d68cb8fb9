import { setImmediate as turn } from 'node:timers/promises'
import { GraphQLError } from 'graphql'
import { Fault } from '../../../domain/fault.ts'
import { type AddressRow, addresses } from '../../../projections/addresses.ts'
import { MAX_WATCH_GAP, MAX_WATCHED_ADDRESSES, type ReadDescriptor } from '../port.ts'
import { mustBeIndexed } from './address-query.ts'
import { builder } from './builder.ts'
import { freshArg } from './connection.ts'
import type { ApiContext } from './context.ts'
import { untilFresh } from './fresh.ts'

type WatchedAddress = {
  readonly branch: number
  readonly index: number
  readonly address: string
  readonly row: AddressRow | undefined
}
type Watched = { readonly descriptor: string; readonly found: readonly WatchedAddress[]; readonly complete: boolean }

const sats = (found: readonly WatchedAddress[], of: (row: AddressRow) => bigint): bigint =>
  found.reduce((sum, { row }) => (row === undefined ? sum : sum + of(row)), 0n)

const WatchedAddressType = builder.objectRef<WatchedAddress>('WatchedAddress').implement({
  description: 'One address of a descriptor.',
  fields: (t) => ({
    branch: t.exposeInt('branch', { description: 'Which of the two that `<0;1>` names (BIP 389); else 0.' }),
    index: t.exposeInt('index'),
    address: t.exposeString('address'),
    used: t.boolean({ description: 'A block names it.', resolve: ({ row }) => row !== undefined }),
    receivedSats: t.field({ type: 'Amount', resolve: ({ row }) => row?.receivedSats ?? 0n }),
    balanceSats: t.field({ type: 'Amount', resolve: (it) => sats([it], (row) => row.receivedSats - row.sentSats) }),
    unspentCount: t.int({ resolve: ({ row }) => row?.unspent ?? 0 }),
  }),
})

const WatchedType = builder.objectRef<Watched>('Watched').implement({
  description: 'What the blocks of the active chain say of the addresses of a descriptor (BIP 380).',
  fields: (t) => ({
    descriptor: t.exposeString('descriptor', { description: 'With its checksum.' }),
    receivedSats: t.field({ type: 'Amount', resolve: ({ found }) => sats(found, (row) => row.receivedSats) }),
    balanceSats: t.field({
      type: 'Amount',
      resolve: ({ found }) => sats(found, (row) => row.receivedSats - row.sentSats),
    }),
    addresses: t.field({
      type: [WatchedAddressType],
      description: 'Those that are used, and of each branch the first behind them that is not.',
      resolve: ({ found }) => [...found],
    }),
    complete: t.exposeBoolean('complete', {
      description: `False when a branch has more than ${MAX_WATCHED_ADDRESSES} addresses: what is behind them was not looked at.`,
    }),
    position: t.field({
      type: 'Position',
      description: 'Of the rows when it was asked.',
      resolve: (_, __, { projector }) => projector.position(),
    }),
  }),
})

/** Addresses derived between two turns of the event loop: each takes some tenths of a millisecond. */
const DERIVED_A_TURN = 10

const lookInto = async (
  branch: number,
  { ranged, addressAt }: ReadDescriptor['branches'][number],
  gap: number,
  { projector }: ApiContext,
): Promise<{ found: WatchedAddress[]; complete: boolean }> => {
  const found: WatchedAddress[] = []
  let firstUnused: WatchedAddress | undefined
  let unused = 0
  const most = ranged ? MAX_WATCHED_ADDRESSES : 1
  let index = 0
  for (; index < most && unused < gap; index++) {
    if (index % DERIVED_A_TURN === DERIVED_A_TURN - 1) await turn()
    const address = addressAt(index)
    const row = projector.byId(addresses, address)
    const one = { branch, index, address, row }
    if (row === undefined) {
      if (unused === 0) firstUnused = one
      unused++
    } else {
      found.push(one)
      unused = 0
      firstUnused = undefined
    }
  }
  return {
    found: firstUnused === undefined ? found : [...found, firstUnused],
    complete: !ranged || unused >= gap,
  }
}

const readGiven = ({ market }: ApiContext, text: string): ReadDescriptor => {
  if (market.desk === undefined)
    throw new GraphQLError('this node only reads the log: it knows no network', {
      extensions: { code: 'reads-only', next: 'Ask a node with the role publisher or provider on the same log.' },
    })
  try {
    return market.desk.readDescriptor(text)
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    const { code, culprit, next } = cause
    throw new GraphQLError(cause.message, { extensions: { code, culprit, next } })
  }
}

builder.queryField('watched', (t) =>
  t.field({
    type: WatchedType,
    description:
      'Finds the coins of any wallet by what its owner gives out to watch it. Nothing is remembered: it is asked again to be followed.',
    args: {
      ...freshArg,
      descriptor: t.arg.string({
        required: true,
        description: 'wpkh(…), pkh(…), sh(wpkh(…)) or addr(…), with public keys only.',
      }),
      gap: t.arg.int({
        required: true,
        defaultValue: 20,
        description: `Unused addresses in a row that end a branch: 1 to ${MAX_WATCH_GAP}.`,
      }),
    },
    resolve: async (_, { descriptor, gap, atLeast }, context) => {
      await untilFresh(context, atLeast, addresses.name)
      mustBeIndexed(context)
      if (!(gap >= 1 && gap <= MAX_WATCH_GAP))
        throw new GraphQLError(`gap is 1 to ${MAX_WATCH_GAP}`, { extensions: { code: 'api.bad-input' } })
      const { text, branches } = readGiven(context, descriptor)
      const parts = []
      for (const [at, branch] of branches.entries()) parts.push(await lookInto(at, branch, gap, context))
      return {
        descriptor: text,
        found: parts.flatMap(({ found }) => found),
        complete: parts.every(({ complete }) => complete),
      }
    },
  }),
)
