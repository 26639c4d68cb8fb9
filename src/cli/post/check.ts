import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { AnnouncementRequest } from '../../api/port.ts'
import { readRequest } from '../../api/rent-request.ts'
import { notFound } from '../exit-code.ts'
import { type RequestFlags, requestInput } from '../rent/request-options.ts'
import { badRequest, readRequestFile } from './request-file.ts'

export type PostFlags = RequestFlags & { readonly sshKey?: readonly string[]; readonly expiry?: number }

/** Looked for in this order when no key is named. */
const USUAL_KEYS = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub']

export type CheckedRequest = {
  /** As the API takes it, but for the idempotency key. */
  readonly input: Readonly<Record<string, unknown>>
  /** What the node will make of it, with every default. */
  readonly request: AnnouncementRequest
}

/**
 * A request from a file and from flags, which come before it, checked as the node will check it. Nothing is asked of a node.
 * @throws Fault `cli.bad-request`, `not-found`
 */
export const checkedRequest = async (file: string | undefined, flags: PostFlags): Promise<CheckedRequest> => {
  const given = file === undefined ? {} : await readRequestFile(file)
  if ('idempotencyKey' in given) throw badRequest('idempotencyKey: it is given with --key')
  const wanted = Object.fromEntries(
    Object.entries(requestInput(flags)).map(([name, value]) => [
      name,
      name === 'isolation' || name === 'network' ? String(value).toLowerCase() : value,
    ]),
  )
  const raw = { ...given, ...wanted, ...(flags.expiry === undefined ? {} : { expiryBlocks: flags.expiry }) }
  const keyed =
    flags.sshKey !== undefined || !('authorizedKeys' in raw) ? { ...raw, authorizedKeys: keysOf(flags) } : raw
  const request = readRequest(keyed)
  if ('problem' in request) throw badRequest(request.message)
  return { input: enumsUp(keyed), request }
}

const enumsUp = (raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [
      name,
      (name === 'isolation' || name === 'network') && typeof value === 'string' ? value.toUpperCase() : value,
    ]),
  )

const keysOf = ({ sshKey }: PostFlags): readonly string[] => {
  if (sshKey !== undefined) return sshKey.map((file) => keyIn(file) ?? noKey(file))
  for (const name of USUAL_KEYS) {
    const key = keyIn(join(homedir(), '.ssh', name))
    if (key !== undefined) return [key]
  }
  return noKey(`~/.ssh/${USUAL_KEYS[0]}`)
}

const keyIn = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

const noKey = (file: string): never => {
  throw notFound(`there is no public key in ${file}`, 'Name yours with --ssh-key, or in the file: authorizedKeys.')
}
