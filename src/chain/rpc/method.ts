import { z } from 'zod'
import { fromHex } from '../../../domain/bytes.ts'
import type { P2p } from '../p2p/p2p.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { RPC, RpcError } from './error-code.ts'
import type { RpcParams } from './http-server.ts'

export type RpcContext = {
  readonly node: Xencoind
  /** Absent when it has none, which a node that is only a part of a test may do. */
  readonly peers: P2p | undefined
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
      if (!args.success) throw refusal(args.error, named, names, help)
      return run(args.data as z.output<z.ZodObject<S>>, context)
    },
  }
}

const byName = (names: string[], params: unknown[], help: string): [string, unknown][] => {
  if (params.length > names.length) throw new RpcError(RPC.misc, help)
  return params.map((value, i) => [names[i]!, value])
}

const refusal = (error: z.ZodError, given: Record<string, unknown>, names: string[], help: string): RpcError => {
  const wrongTypes = error.issues.flatMap((issue) => {
    const name = String(issue.path[0])
    if (issue.code !== 'invalid_type' || !(name in given)) return []
    const what = `JSON value of type ${jsonType(given[name])} is not of expected type ${coreType(issue.expected)}`
    return [`    "Position ${names.indexOf(name) + 1} (${name})": "${what}"`]
  })
  if (wrongTypes.length > 0) return new RpcError(RPC.type, `Wrong type passed:\n{\n${wrongTypes.join(',\n')}\n}`)
  const issue = error.issues[0]!
  if (issue.code === 'invalid_type' && issue.path.length === 1) return new RpcError(RPC.misc, help)
  if (issue.code === 'unrecognized_keys')
    return new RpcError(RPC.invalidParameter, `Unknown named parameter ${issue.keys[0]}`)
  return new RpcError(issue.code === 'invalid_union' ? RPC.type : RPC.invalidParameter, issue.message)
}

const jsonType = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Core says bool; its numbers and ours are one kind in JSON. */
const coreType = (expected: string): string =>
  expected === 'boolean' ? 'bool' : expected === 'int' ? 'number' : expected === 'record' ? 'object' : expected

const HASH_DIGITS = 64

/** 32 bytes in hex, lower-cased. @param name as Core calls the argument when it is wrong */
export const hashArg = (name: string) =>
  z
    .string()
    .max(1000)
    .superRefine((text, context) => {
      if (text.length !== HASH_DIGITS)
        context.addIssue(`${name} must be of length ${HASH_DIGITS} (not ${text.length}, for '${text}')`)
      else if (!/^[0-9a-fA-F]*$/.test(text)) context.addIssue(`${name} must be hexadecimal string (not '${text}')`)
    })
    .transform((text) => text.toLowerCase())
export const heightArg = z.number().int()
/** A number, or the boolean that older clients send. */
export const verbosityArg = z.union([z.boolean().transform(Number), z.number().int()])
export const hexArg = z.string().max(8_000_000)

/** @throws RpcError -22 with `complaint` when `hex` is not what `decode` reads */
export const deserialized = <T>(hex: string, decode: (bytes: Uint8Array) => T, complaint: string): T => {
  try {
    return decode(fromHex(hex))
  } catch {
    throw new RpcError(RPC.deserialization, complaint)
  }
}
