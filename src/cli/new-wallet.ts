import { say } from './output.ts'

/** Words of a wallet that was made just now: shown once, on stderr, since they are not what was asked for. */
export const sayNewWords = (words: string | undefined): void => {
  if (words === undefined) return
  say('A new wallet was made. These 24 words bring it back; write them down (zennet wallet backup shows them again):')
  say(`  ${words}`)
}
