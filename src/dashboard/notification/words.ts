import { showNumber } from '../../../domain/shown.ts'

/** What is told of; codes and ids are the node's own, not words of strangers. */
export type Notice = {
  readonly kind: string
  readonly code: string | null
  readonly sats?: string | null
  readonly subjectKind: string | null
  readonly subjectId: string | null
}

const TITLES: Readonly<Record<string, string>> = {
  LEASE_ENDED: 'A lease was ended',
  LEASE_FAILED: 'A lease failed',
  NOTICE_GIVEN: 'The other side will end a lease',
  PAYMENT_RECEIVED: 'Coins came',
  PAYMENT_DROPPED: 'A payment will never be in a block',
  MONEY_REORGANISED: 'A reorganisation touched your money',
  EFFECT_PARKED: 'Something could not be done',
  LEASE_LOW: 'The money of a lease runs out',
  BUDGET_LOW: 'The budget of the day runs out',
  CHANNEL_STUCK: 'A channel is stuck',
  PROJECTION_STOPPED: 'A table stands still',
}

export const titleOf = ({ kind, sats }: Pick<Notice, 'kind' | 'sats'>): string => {
  const title = TITLES[kind] ?? kind.toLowerCase().replaceAll('_', ' ')
  return sats == null ? title : `${title}: ${showNumber(sats)} sats`
}

/** The page of what it is about; undefined: there is none. */
export const pageOf = ({ subjectKind, subjectId }: Pick<Notice, 'subjectKind' | 'subjectId'>): string | undefined => {
  if (subjectKind === null || subjectId === null) return undefined
  switch (subjectKind) {
    case 'LEASE':
      return `/lease/${subjectId}`
    case 'ANNOUNCEMENT':
      return `/announcement/${subjectId}`
    case 'TRANSACTION':
      return `/transaction/${subjectId}`
    case 'CHANNEL':
      return '/wallet/channels'
    case 'EFFECT':
    case 'PROJECTION':
      return '/health'
    default:
      return undefined
  }
}
