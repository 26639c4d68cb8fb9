import type { IncomingMessage } from 'node:http'
import { isJson, type PlainRequest, plainBody } from '../plain-request.ts'
import { MAX_HOT_CHARS } from './compiled.ts'

/** What Yoga answers with for a request's `accept`; any other is Yoga's to judge. */
export const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '*/*': 'application/json; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
  'application/graphql-response+json, application/json': 'application/graphql-response+json; charset=utf-8',
}

/** Longer bodies are not looked into, bytes. */
export const MAX_HOT_BYTES = 2 * MAX_HOT_CHARS

/** What a request would be answered with, if it is a hot one by its head; else undefined. */
export const mediaTypeFor = ({ method, url, headers }: IncomingMessage): string | undefined => {
  if (method !== 'POST' || url !== '/graphql' || !isJson(headers['content-type'])) return undefined
  const bytes = Number(headers['content-length'])
  // Of no body there would be no piece either.
  if (!(bytes >= 1 && bytes <= MAX_HOT_BYTES)) return undefined
  const accept = headers.accept ?? '*/*'
  return Object.hasOwn(MEDIA_TYPES, accept) ? MEDIA_TYPES[accept] : undefined
}

/** Names that the framework refuses in a body, and how they could be hidden. */
const SUSPECT = /__proto__|constructor|\\u/

/** What the first piece of a body asks, if that is all of it and nothing is wrong or uncommon about it. */
export const askedIn = ({ headers }: IncomingMessage, chunk: Buffer): PlainRequest | undefined => {
  if (chunk.length !== Number(headers['content-length'])) return undefined
  const text = chunk.toString()
  if (SUSPECT.test(text)) return undefined
  try {
    return plainBody(JSON.parse(text))
  } catch {
    return undefined
  }
}
