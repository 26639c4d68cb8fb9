import { type DayBudget, dayBegins, leftSats } from '../../domain/lease/budget.ts'
import type { KeyAccount } from '../../domain/wallet/key-path.ts'
import { announcements } from '../../projections/announcements.ts'
import type { AccountBalance, Budget } from '../api/port.ts'
import type { Projector } from '../projector/port.ts'
import type { Wallet } from '../wallet/port.ts'

const MOST_BONDS = 1_000

/** In the bonds of own announcements that stand. */
export const bondedSats = (projector: Projector): bigint =>
  projector
    .query(announcements, { where: { own: true, status: 'standing' }, orderBy: 'id', limit: MOST_BONDS })
    .reduce((sum, { row }) => sum + row.bondSats, 0n)

export const accountBalance = async (wallet: Pick<Wallet, 'balance'>, account: KeyAccount): Promise<AccountBalance> => {
  const { confirmed, unconfirmed, immature, reserved } = await wallet.balance(account)
  return {
    account,
    confirmedSats: confirmed,
    unconfirmedSats: unconfirmed,
    immatureSats: immature,
    reservedSats: reserved,
  }
}

/** What own leases cost today, as the API says it. */
export const budgetOf = (budget: DayBudget): Budget => {
  const { day, limitSats, spentSats, reserves } = budget
  const left = leftSats(budget)
  return {
    dayBegan: dayBegins(day),
    spentSats,
    reservedSats: [...reserves.values()].reduce((sum, sats) => sum + sats, 0n),
    ...(limitSats === undefined || left === undefined ? {} : { limitSats, leftSats: left }),
  }
}
