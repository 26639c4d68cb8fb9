import { ask } from '../api/ask.ts'
import { oncePer } from '../api/once-per.ts'
import { graphql } from '../graphql.ts'
import type { PostInput } from './input.ts'

const RENT = graphql(`
  mutation Rent($input: RentInput!) {
    rent(input: $input) {
      __typename
      ... on AnnouncementPosted { txid position }
      ... on Problem { code message culprit next }
    }
  }
`)
const POST = graphql(`
  mutation PostAnnouncement($input: PostAnnouncementInput!) {
    postAnnouncement(input: $input) {
      __typename
      ... on AnnouncementPosted { txid position }
      ... on Problem { code message culprit next }
    }
  }
`)

/**
 * Puts a wish on the chain: once, also when it is sent again because no answer came.
 *
 * @param waitSeconds withdrawn when nobody agreed by then; empty: it stands until it expires
 * @returns its txid @throws Fault by the code of the problem
 */
export const announce = async (wanted: PostInput, waitSeconds: string): Promise<string> => {
  const wait = waitSeconds.trim()
  const { txid } = await oncePer('announce', { wanted, wait }, (idempotencyKey) =>
    send({ ...wanted, idempotencyKey }, wait),
  )
  return txid
}

const send = async (input: PostInput & { idempotencyKey: string }, wait: string) =>
  wait === ''
    ? (await ask(POST, { input })).postAnnouncement
    : (await ask(RENT, { input: { ...input, waitMs: Math.round(Number(wait) * 1_000) } })).rent
