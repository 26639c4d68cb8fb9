import { createHash } from 'node:crypto'
import type { AnnouncementRequest } from '../api/port.ts'
import type { KeptKeys } from '../shell/port.ts'

/** A request with this node's key in its order, where one was asked for. `reference`: a repeated one gets the same key. */
export const withKey = (
  { keepKey, ...request }: AnnouncementRequest,
  reference: string,
  keys: Pick<KeptKeys, 'publicKey'>,
): AnnouncementRequest => {
  if (keepKey !== true) return request
  const keptKey = createHash('sha256').update(reference).digest('hex')
  const authorizedKeys = [...request.order.authorizedKeys, keys.publicKey(keptKey)]
  return { ...request, order: { ...request.order, authorizedKeys, keptKey } }
}
