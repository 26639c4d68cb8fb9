/** Behind `g`: where each key leads. Those whose screen is not there do nothing. */
export const DESTINATIONS: Readonly<Record<string, string>> = {
  b: '/begin',
  m: '/market',
  p: '/post',
  l: '/leases',
  r: '/prices',
  v: '/providers',
  e: '/lending',
  w: '/wallet',
  c: '/chain',
  n: '/notifications',
  h: '/health',
  a: '/api',
}
