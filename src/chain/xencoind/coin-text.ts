const SATS = 100_000_000n

/** Sats, which may be negative, as whole coins with eight decimals: the form of amounts in Core's JSON and messages. */
export const toCoinText = (sats: bigint): string => {
  const size = sats < 0n ? -sats : sats
  return `${sats < 0n ? '-' : ''}${size / SATS}.${String(size % SATS).padStart(8, '0')}`
}

/** The same for people, as Core's messages have it: two decimals, or more where they are not zero. */
export const toMoneyText = (sats: bigint): string => toCoinText(sats).replace(/(\.\d\d\d*?)0+$/, '$1')
