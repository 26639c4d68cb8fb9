import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import { plainText } from '../../../domain/plain-text.ts'
import type { GraphqlClient } from '../../api/client.ts'
import { isAnswerLost } from '../answer-lost.ts'
import { type ChangeFlags, changeBy } from '../change.ts'
import type { NodeClient } from '../node-client.ts'
import { doneOrFault, isProblem, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import type { Progress } from '../progress.ts'
import { showNumber } from '../quantity.ts'
import { orderOf } from './order.ts'
import type { Place } from './place.ts'
import { type RequestFlags, requestInput } from './request-options.ts'

export type RentFlags = RequestFlags & ChangeFlags & { readonly wait?: number }

/** How long providers are waited for when --wait is not given, ms. */
export const DEFAULT_WAIT_MS = 120_000
/** How long the wallet of a node that was just opened may take to see the coins that it has, ms. */
export const OWN_WALLET_MS = 15_000
const LOOK_MS = 500
/** After so many lost answers it is given up. */
const MOST_LOST = 4

type Posted = { readonly __typename: 'AnnouncementPosted'; readonly txid: string }

/** Puts the request on the chain. @returns the announcement's txid @throws Fault `insufficient-funds` with an address to pay to, and others */
export const announce = async (
  { client, isOwn }: Place,
  flags: RentFlags,
  publicKey: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> => {
  const input = {
    ...requestInput(flags),
    authorizedKeys: [publicKey],
    idempotencyKey: randomUUID(),
    // Who leaves the session has fetched what there is to fetch.
    dataGraceS: flags.dataGrace ?? 0,
    waitMs: flags.wait ?? DEFAULT_WAIT_MS,
  }
  const until = performance.now() + (isOwn ? OWN_WALLET_MS : 0)
  // Asked once: afterwards it is only tried again.
  let isAgreed = false
  let lost = 0
  const agreed: NodeClient = {
    ...client,
    request: (...order) => {
      isAgreed = true
      return client.request(...order)
    },
  }
  const ask = () =>
    changeBy<{ rent: Posted | ProblemView }>(
      agreed,
      {
        document: `mutation($input: RentInput!) { rent(input: $input) { __typename ... on AnnouncementPosted { txid } ${PROBLEM_FIELDS} } }`,
        variables: { input },
        ...orderOf('rent', client, flags),
      },
      isAgreed ? { ...flags, yes: true } : flags,
    )
  for (;;) {
    const answer = await ask().catch(async (error: unknown) => {
      // The announcement may stand, and nobody else knows its SSH key: by the same idempotency key its txid is told again.
      if (!isAnswerLost(error) || ++lost >= MOST_LOST) throw error
      progress.show('announce: the answer was lost; asking again')
      await delay(LOOK_MS)
      return undefined
    })
    if (answer === undefined) continue
    const { rent } = answer
    if (!isProblem(rent)) return rent.txid
    if (rent.code !== 'insufficient-funds') return doneOrFault<Posted>(rent).txid
    if (performance.now() >= until || signal.aborted) throw await poor(client, rent)
    progress.show('announce: waiting for the wallet to see its coins')
    await delay(LOOK_MS)
  }
}

const poor = async (client: GraphqlClient, problem: ProblemView): Promise<Fault> => {
  const { receiveAddress, balance } = await client.request<{
    receiveAddress: string
    balance: { immatureSats: string }
  }>('{ receiveAddress balance { immatureSats } }')
  const soon =
    balance.immatureSats === '0'
      ? ''
      : ` ${showNumber(balance.immatureSats)} sats were mined and are not old enough yet.`
  return new Fault('insufficient-funds', problem.message, {
    culprit: 'you',
    next: `Pay to ${plainText(receiveAddress)}, then rent again.${soon}`,
  })
}

/** Takes an announcement back; one that is gone already is fine. */
export const withdraw = async (client: GraphqlClient, txid: string): Promise<void> => {
  await client.request(
    `mutation($input: WithdrawAnnouncementInput!) { withdrawAnnouncement(input: $input) { __typename ${PROBLEM_FIELDS} } }`,
    { input: { txid, idempotencyKey: `withdraw-${txid}` } },
  )
}
