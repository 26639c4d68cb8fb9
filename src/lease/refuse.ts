import { PeerRefused, type Talk } from './talk.ts'

/** Tells the other side no, then ends this side's session with the same code. @throws PeerRefused always */
export const refuse = async (talk: Talk, code: PeerRefused['failure'], why: string): Promise<never> => {
  await talk.send({ type: 'refuse', code, why })
  throw new PeerRefused(code, why)
}
