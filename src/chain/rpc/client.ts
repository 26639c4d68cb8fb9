import { z } from 'zod'
import { Fault } from '../../../domain/fault.ts'
import type { Clock } from '../../clock/port.ts'
import { basicAuth, type RpcLogin, readCookie } from './cookie.ts'
import { RPC, RpcError } from './error-code.ts'

/** For one answer. Generating or verifying a long chain is the slowest thing asked for. */
export const RPC_CALL_TIMEOUT_MS = 30_000
/** Tries before a node counts as unreachable: with the waits below, about 3 s. */
export const RPC_ATTEMPTS = 6
export const RPC_BACKOFF_MS = 100
export const RPC_BACKOFF_MAX_MS = 1000
/** Bound on an answer: a block of 4 MB in hex, with room. */
export const MAX_RPC_ANSWER_BYTES = 32 * 1024 * 1024

export type RpcAuth = RpcLogin | { readonly cookieFile: string }
export type RpcClient = <S extends z.ZodType>(
  schema: S,
  method: string,
  params?: readonly unknown[],
  signal?: AbortSignal,
) => Promise<z.output<S>>

const answerSchema = z.object({
  result: z.unknown(),
  error: z.object({ code: z.number(), message: z.string() }).nullish(),
})

/**
 * Calls a bitcoind-compatible node. Every call is idempotent, so a broken connection is tried again.
 *
 * @throws RpcError when the node says no
 * @throws Fault `chain.unreachable`, `chain.not-authorised`, or `chain.bad-answer` when the answer has another shape
 */
export const rpcClient = (options: { url: string; auth: RpcAuth; clock: Clock }): RpcClient => {
  const { url, auth, clock } = options
  return async (schema, method, params = [], signal) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = schema.safeParse(await call(url, auth, method, params, signal))
        if (result.success) return result.data
        throw new Fault('chain.bad-answer', `${url} answered ${method} in an unknown form: ${result.error.message}`, {
          culprit: 'chain',
          next: 'Check that the RPC address is that of a Bitcoin-format node.',
        })
      } catch (error) {
        signal?.throwIfAborted()
        const warmingUp = error instanceof RpcError && error.code === RPC.warmup
        if (!warmingUp && (error instanceof RpcError || error instanceof Fault)) throw error
        if (attempt >= RPC_ATTEMPTS)
          throw new Fault('chain.unreachable', `no answer from the node at ${url} after ${attempt} tries`, {
            culprit: 'chain',
            next: 'Start the node (xencoind or bitcoind), or correct its RPC address and port.',
            cause: error,
          })
        await clock.sleep(Math.min(RPC_BACKOFF_MS * 2 ** (attempt - 1), RPC_BACKOFF_MAX_MS), signal)
      }
    }
  }
}

const call = async (
  url: string,
  auth: RpcAuth,
  method: string,
  params: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<unknown> => {
  const limit = AbortSignal.timeout(RPC_CALL_TIMEOUT_MS)
  // The cookie changes at every start of the node, so it is read at each call; it is a few bytes of page cache.
  const login = 'cookieFile' in auth ? readCookie(auth.cookieFile) : auth
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: basicAuth(login), 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '1.0', id: 'zennet', method, params }),
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  })
  if (response.status === 401 || response.status === 403)
    throw new Fault('chain.not-authorised', `the node at ${url} refused the login`, {
      culprit: 'you',
      next: 'Give the RPC user and password, or the path of the node’s .cookie file.',
    })
  const answer = answerSchema.parse(JSON.parse(await boundedText(response)))
  if (answer.error) throw new RpcError(answer.error.code, answer.error.message)
  return answer.result
}

const boundedText = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MAX_RPC_ANSWER_BYTES) throw new Error('answer too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
