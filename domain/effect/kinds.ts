/** Every kind of effect. The names are in the log for ever: they are never given to something else. */

/** Spends the bond of an own announcement whose places are all taken by funded leases. Subject: its txid. */
export const WITHDRAW_FILLED = 'withdraw-filled'
/** Spends the bond of an own announcement when nobody agreed in time. Subject: its txid. */
export const GIVE_UP = 'give-up'
