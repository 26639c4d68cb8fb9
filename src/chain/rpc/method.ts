import { z } from 'zod'
import { fromHex } from '../../../domain/bytes.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { RPC, RpcError } from './error-code.ts'
import type { RpcParams } from './http-server.ts'

export type RpcContext = {
  readonly node: Xencoind
  /** Aborted when the caller hangs up or the server closes. */
  readonly signal: AbortSignal
  /** Asks the program to end, after the answer is out. */
  readonly stop: () => void
}

export type RpcMethod = {
  /** Name, arguments, and what it gives, in a line. */
  readonly help: string
  run(params: RpcParams, context: RpcContext): unknown
}

/** A method whose arguments are checked against `shape`; its keys, in order, are also the positions. Null means absent. */
export const rpcMethod = <S extends z.ZodRawShape>(
  help: string,
  shape: S,
  run: (args: z.output<z.ZodObject<S>>, context: RpcContext) => unknown,
): RpcMethod => {
  const names = Object.keys(shape)
  const schema = z.strictObject(shape)
  return {
    help,
    run: (params, context) => {
      const given = Array.isArray(params) ? byName(names, params, help) : Object.entries(params)
      const named = Object.fromEntries(given.filter(([, value]) => value !== null))
      const args = schema.safeParse(named)
      if (!args.success) throw refusal(args.error, named, help)
      return run(args.data as z.output<z.ZodObject<S>>, context)
    },
  }
}

const byName = (names: string[], params: unknown[], help: string): [string, unknown][] => {
  if (params.length > names.length) throw new RpcError(RPC.misc, help)
  return params.map((value, i) => [names[i]!, value])
}

const refusal = (error: z.ZodError, given: Record<string, unknown>, help: string): RpcError => {
  const issue = error.issues[0]!
  const at = issue.path.join('.')
  if (issue.code === 'invalid_type' && !(String(issue.path[0]) in given)) return new RpcError(RPC.misc, help)
  if (issue.code === 'unrecognized_keys') return new RpcError(RPC.invalidParameter, 'Unknown named parameter')
  const wrongType = issue.code === 'invalid_type' || issue.code === 'invalid_union'
  return new RpcError(wrongType ? RPC.type : RPC.invalidParameter, `${at}: ${issue.message}`)
}

export const hashArg = z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits')
export const heightArg = z.number().int()
/** A number, or the boolean that older clients send. */
export const verbosityArg = z.union([z.boolean().transform(Number), z.number().int()])
export const hexArg = z.string().max(8_000_000)

/** @throws RpcError -22 when `hex` is not what `decode` reads */
export const deserialized = <T>(hex: string, decode: (bytes: Uint8Array) => T): T => {
  try {
    return decode(fromHex(hex))
  } catch {
    throw new RpcError(RPC.deserialization, 'decode failed')
  }
}
