import { ask, doneOf } from '../api/ask.ts'
import { Fault } from '../api/fault.ts'
import { oncePer } from '../api/once-per.ts'
import { graphql, type VariablesOf } from '../graphql.ts'

const STOP = graphql(`
  mutation StopLease($input: StopLeaseInput!) {
    done: stopLease(input: $input) { __typename ... on LeaseStopped { position } ... on Problem { code message culprit next } }
  }
`)
const WITHDRAW_NOTICE = graphql(`
  mutation WithdrawNotice($input: WithdrawNoticeInput!) {
    done: withdrawNotice(input: $input) { __typename ... on LeaseStopped { position } ... on Problem { code message culprit next } }
  }
`)
const PAUSE = graphql(`
  mutation PauseLease($input: PauseLeaseInput!) {
    done: pauseLease(input: $input) { __typename ... on LeasePauseAsked { position } ... on Problem { code message culprit next } }
  }
`)
const RESUME = graphql(`
  mutation ResumeLease($input: PauseLeaseInput!) {
    done: resumeLease(input: $input) { __typename ... on LeasePauseAsked { position } ... on Problem { code message culprit next } }
  }
`)
const TOP_UP = graphql(`
  mutation TopUpLease($input: TopUpLeaseInput!) {
    done: topUpLease(input: $input) { __typename ... on LeaseTopUpAsked { position } ... on Problem { code message culprit next } }
  }
`)
const CHANGE = graphql(`
  mutation ChangeLease($input: ChangeLeaseInput!) {
    done: changeLease(input: $input) { __typename ... on LeaseChangeAsked { position } ... on Problem { code message culprit next } }
  }
`)
const FORGET = graphql(`
  mutation ForgetLease($input: ForgetInput!) {
    done: forget(input: $input) {
      __typename
      ... on Forgotten { subjects { forgotten obstacle why next } }
      ... on Problem { code message culprit next }
    }
  }
`)

/** Of what does no harm twice: a kept key would make of a later press, meant anew, the earlier one. */
const once = (leaseId: string) => ({ leaseId, idempotencyKey: crypto.randomUUID() })

// Each throws the Fault that says why not.

export const stop = async (leaseId: string, inMs?: number) =>
  doneOf((await ask(STOP, { input: { ...once(leaseId), ...(inMs === undefined ? {} : { inMs }) } })).done)
export const withdrawNotice = async (leaseId: string) =>
  doneOf((await ask(WITHDRAW_NOTICE, { input: once(leaseId) })).done)
export const pause = async (leaseId: string) => doneOf((await ask(PAUSE, { input: once(leaseId) })).done)
export const resume = async (leaseId: string) => doneOf((await ask(RESUME, { input: once(leaseId) })).done)
export const topUp = async (leaseId: string, sats: string) =>
  oncePer('topUpLease', { leaseId, sats }, async (idempotencyKey) => {
    return (await ask(TOP_UP, { input: { leaseId, sats, idempotencyKey } })).done
  })

export type Wanted = Omit<VariablesOf<typeof CHANGE>['input'], 'leaseId' | 'idempotencyKey'>
export const change = async (leaseId: string, wanted: Wanted) =>
  oncePer('changeLease', { leaseId, ...wanted }, async (idempotencyKey) => {
    return (await ask(CHANGE, { input: { leaseId, ...wanted, idempotencyKey } })).done
  })

export const forget = async (leaseId: string): Promise<void> => {
  const { idempotencyKey } = once(leaseId)
  const { subjects } = doneOf((await ask(FORGET, { input: { target: { lease: leaseId }, idempotencyKey } })).done)
  const kept = subjects.find(({ forgotten }) => !forgotten)
  if (kept !== undefined)
    throw new Fault({
      code: kept.obstacle ?? 'not-forgotten',
      message: kept.why ?? 'It was not forgotten.',
      culprit: 'you',
      next: kept.next ?? 'Try again when the lease is over.',
    })
}
