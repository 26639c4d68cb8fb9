/** What the API refuses beyond, as people are told: test/dashboard/network-parts.test.ts holds it against the API’s own. */
export const API_LIMITS = {
  bodyBytes: 102_400,
  socketMessageBytes: 65_536,
  tokens: 1_000,
  depth: 10,
  aliases: 15,
  directives: 5,
  cost: 200_000,
  socketSubscriptions: 20,
  first: 100,
  deadlineS: 30,
} as const
