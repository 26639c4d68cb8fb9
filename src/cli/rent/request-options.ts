import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { ISOLATIONS } from '../../../domain/resources.ts'
import { parseCount, parseCpu, parseDuration, parsePercent, parseSats, parseSeconds, parseSize } from '../quantity.ts'

/** What is wanted. Absent flags have the defaults of the node. */
export type RequestFlags = {
  readonly cpu?: number
  readonly memory?: bigint
  readonly disk?: bigint
  readonly image?: string
  readonly maxPrice?: bigint
  readonly budget?: bigint
  readonly maxBudget?: bigint
  readonly count?: number
  readonly duration?: number
  readonly label?: string
  readonly maxPause?: number
  readonly dataGrace?: number
  readonly isolation?: string
  readonly internet?: true
  readonly notice?: number
  readonly renewUpTo?: number
  readonly minAvailability?: number
}

/** The flags of `rent` and of `post create` that say what is wanted. */
export const addRequestOptions = (command: CommandUnknownOpts): void => {
  command
    .option('--cpu <cores>', 'cores, as in 2 or 0.5 (default: 1)', parseCpu)
    .option('--memory <size>', 'as in 256MiB (default: 256MiB)', parseSize)
    .option('--disk <size>', 'as in 1GiB (default: 1GiB)', parseSize)
    .option('--image <name>', 'what runs (default: zennet/busybox:1)')
    .option('--max-price <sats>', 'the most for an hour of full use of one machine (default: 10000)', parseSats)
    .option(
      '--budget <sats>',
      'the most that each lease may cost (default: full use for the whole duration)',
      parseSats,
    )
    .option(
      '--max-budget <sats>',
      'top a lease up by itself, when little of --budget is left, to this at the most',
      parseSats,
    )
    .option('--count <machines>', 'how many (default: 1)', parseCount)
    .option('--duration <time>', 'the longest, as in 90s or 1h (default: 1h)', parseSeconds)
    .option(
      '--renew-up-to <time>',
      'make it longer by itself while the provider agrees, to this at the most',
      parseSeconds,
    )
    .option('--notice <time>', 'how long before it ends a lease by choice a provider must say so', parseDuration)
    .option('--max-pause <time>', 'the longest pause, by either side; 0s: none (default: 1h)', parseSeconds)
    .option('--data-grace <time>', 'how long files can be read after the end (default: 0s)', parseSeconds)
    .option('--label <text>', 'for people; public')
    .addOption(new Option('--isolation <kind>', 'at least (default: none)').choices(ISOLATIONS))
    .option(
      '--min-availability <percent>',
      'only of who was there for so much of the last 30 days (zennet market offers)',
      parsePercent,
    )
    .option('--internet', 'the machine shall reach the network')
}

/** As fields of the API's input; those that are absent are not in it. */
export const requestInput = (flags: RequestFlags): Record<string, unknown> => {
  const input = {
    cpuMillis: flags.cpu,
    memoryBytes: flags.memory,
    diskBytes: flags.disk,
    image: flags.image,
    maxHourlySats: flags.maxPrice,
    budgetSats: flags.budget,
    mostSats: flags.maxBudget,
    count: flags.count,
    maxDurationS: flags.duration,
    maxPauseS: flags.maxPause,
    label: flags.label,
    isolation: flags.isolation?.toUpperCase(),
    network: flags.internet === true ? 'BRIDGE' : undefined,
    noticeMs: flags.notice,
    renewUpToS: flags.renewUpTo,
    minAvailability: flags.minAvailability,
    dataGraceS: flags.dataGrace,
  }
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
