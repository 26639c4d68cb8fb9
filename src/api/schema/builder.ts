import SchemaBuilder from '@pothos/core'
import RelayPlugin from '@pothos/plugin-relay'
import type { ApiContext } from './context.ts'
import { scalars } from './scalar.ts'

/** Code first: types are added by the files beside this one; `schema.ts` gathers them. Fields are non-null unless they say so. */
export const builder = new SchemaBuilder<{
  Context: ApiContext
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    Amount: { Input: bigint; Output: bigint }
    Position: { Input: number; Output: number }
    DateTime: { Input: number; Output: number }
    Hex: { Input: string; Output: string }
    PublicKey: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
  }
}>({
  defaultFieldNullability: false,
  plugins: [RelayPlugin],
  relay: {
    brandLoadedObjects: true,
    cursorType: 'String',
    nodesQueryOptions: false,
    // Readable on purpose: a person can say `node(id: "Lease:4f…")`.
    encodeGlobalID: (typename, id) => `${typename}:${id}`,
    decodeGlobalID: (globalId) => {
      const colon = globalId.indexOf(':')
      return { typename: globalId.slice(0, Math.max(colon, 0)), id: globalId.slice(colon + 1) }
    },
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
  },
})

for (const [name, options] of Object.entries(scalars))
  builder.scalarType(name as keyof typeof scalars, options as never)
