/** Heights from which the rules have been law on every network here, as in Core's regtest; the names are Core's. */
const BURIED = { bip34: 1, bip66: 1, bip65: 1, csv: 1, segwit: 0 }
const NEVER = 9_223_372_036_854_775_807n

/** Law since the first block, told as Core tells a deployment that was never voted on. */
const ALWAYS = {
  type: 'bip9',
  height: 0,
  active: true,
  bip9: {
    start_time: -1,
    timeout: Number(NEVER),
    min_activation_height: 0,
    status: 'active',
    since: 0,
    status_next: 'active',
  },
}

/** Which rules hold for the block after the one at `height`. */
export const deploymentsForm = (height: number) => ({
  ...Object.fromEntries(
    Object.entries(BURIED).map(([name, from]) => [name, { type: 'buried', active: height + 1 >= from, height: from }]),
  ),
  taproot: ALWAYS,
})
