import { logClaims } from '../claim/log.ts'
import type { Claims } from '../claim/port.ts'
import { soleClaims } from '../claim/sole.ts'
import type { Config } from '../config.ts'
import type { Hands } from './hands.ts'

/** Who does what: all of it this node, unless others may write to its log. */
export const openClaims = (config: Config, { journal, streams, party }: Hands): Claims => {
  if (config.journal === 'sqlite') return soleClaims()
  const { clock, random, log } = party
  return logClaims({ journal, streams, clock, random, log })
}
