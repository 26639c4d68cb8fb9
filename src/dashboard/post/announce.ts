import { ask, doneOf } from '../api/ask.ts'
import { Fault } from '../api/fault.ts'
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

/** A wish that was sent and not answered: sent again with the same key, it is posted once. */
let unanswered: { readonly wish: string; readonly key: string } | undefined

/**
 * Puts a wish on the chain.
 *
 * @param waitSeconds withdrawn when nobody agreed by then; empty: it stands until it expires
 * @returns its txid @throws Fault by the code of the problem
 */
export const announce = async (wanted: PostInput, waitSeconds: string): Promise<string> => {
  const wish = JSON.stringify([wanted, waitSeconds])
  const key = unanswered?.wish === wish ? unanswered.key : crypto.randomUUID()
  unanswered = { wish, key }
  try {
    const txid = await send({ ...wanted, idempotencyKey: key }, waitSeconds.trim())
    unanswered = undefined
    return txid
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'api.unreachable')) unanswered = undefined
    throw error
  }
}

const send = async (input: PostInput & { idempotencyKey: string }, waitSeconds: string): Promise<string> =>
  waitSeconds === ''
    ? doneOf((await ask(POST, { input })).postAnnouncement).txid
    : doneOf((await ask(RENT, { input: { ...input, waitMs: Math.round(Number(waitSeconds) * 1_000) } })).rent).txid
