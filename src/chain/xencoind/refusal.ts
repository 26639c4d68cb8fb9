/** Why the mempool does not take a transaction: `reject` is Core's reason, `why` what Core appends to it for people. */
export type Refusal = { readonly reject: string; readonly why?: string }

/** Reason and details as Core puts them into one line. */
export const detailsOf = ({ reject, why }: Refusal): string => (why === undefined ? reject : `${reject}, ${why}`)
