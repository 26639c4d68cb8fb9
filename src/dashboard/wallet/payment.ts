/** A payment as it is typed; undefined: it cannot be made of that. */
export type Payment = { readonly address: string; readonly sats: string }

/** Whole sats, 1 or more, as decimal digits without zeros before them; commas and spaces may part thousands. */
export const satsOf = (typed: string): string | undefined => {
  const digits = typed.replace(/[,\s_]/g, '')
  return /^\d{1,16}$/.test(digits) && BigInt(digits) > 0n ? BigInt(digits).toString() : undefined
}

/** An address has letters and digits only; which ones, the node says. */
export const addressOf = (typed: string): string | undefined => {
  const text = typed.trim()
  return /^[0-9A-Za-z]{14,90}$/.test(text) ? text : undefined
}

export const paymentOf = (address: string, sats: string): Payment | undefined => {
  const to = addressOf(address)
  const amount = satsOf(sats)
  return to === undefined || amount === undefined ? undefined : { address: to, sats: amount }
}
