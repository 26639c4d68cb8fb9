import { Argument, Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { addChangeOptions } from '../change.ts'
import { addNodeOptions } from '../node-options.ts'
import { outputOption } from '../output.ts'
import { parseDuration, parseSats } from '../quantity.ts'
import { addWatchOptions, position } from '../watch/options.ts'

const limit = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 100) throw new InvalidArgumentError('Not a number of 1 to 100.')
  return value
}
const version = (text: string): number => {
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= 1 && value <= 1_000_000_000))
    throw new InvalidArgumentError('Not a version.')
  return value
}
const percent = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('Not a number of 1 to 1000.')
  return value
}
const leaseId = () => new Argument('<lease>', 'its id, or the beginning of it').argRequired()

/** `zennet lease …` */
export const leaseCommand = (): CommandUnknownOpts => {
  const lease = new Command('lease').description('leases that this node has or had')
  const ls = lease
    .command('ls')
    .description('list them, newest first')
    .option('--active', 'only those that are not over')
    .addOption(new Option('--side <side>', 'only of one side').choices(['publisher', 'provider'] as const))
    .option('--limit <count>', 'at most so many', limit, 20)
    .addOption(outputOption())
    .action(async (flags) => (await import('./ls.ts')).listLeases(flags))
  const show = lease
    .command('show')
    .description('one lease: parties, state, price, end')
    .addArgument(leaseId())
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./show.ts')).showLease(id, flags))
  const watch = lease
    .command('watch')
    .description('its facts as they happen, from the first, until it is over')
    .addArgument(leaseId())
    .option('--after <position>', 'only what came behind this position of the log', position)
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./watch.ts')).watchLease(id, flags))
  const logs = lease
    .command('logs')
    .description('its facts as lines that a person reads, oldest first')
    .addArgument(leaseId())
    .option('-f, --follow', 'go on with what happens, until it is over')
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./log.ts')).showLog(id, flags))
  const replay = lease
    .command('replay')
    .description('fold its facts up to one of them: what was the case then, and which facts may follow')
    .addArgument(leaseId())
    .option('--at <version>', 'the fact of this number, as 1 for the first (default: the newest)', version)
    .option('--position <position>', 'instead: up to this position of the log', position)
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./replay.ts')).replayLease(id, flags))
  const ssh = lease
    .command('ssh')
    .description('a shell in its machine, or a command: zennet lease ssh LEASE -- uname -a')
    .addArgument(leaseId())
    .argument('[command...]', 'what to run there, behind --')
    .option('--identity <file>', 'your private key, when the lease was not rented from here')
    .option('-t, --tty', 'ask for a terminal also for a command')
    .action(async (id, command, flags) => {
      process.exitCode = await (await import('./ssh.ts')).sshLease(id, command, flags)
    })
  const fetch = lease
    .command('fetch')
    .description('copy a file or folder out of its machine with scp; also after the end, while its data is kept')
    .addArgument(leaseId())
    .argument('<path>', 'in the machine; from the home folder when it does not begin with /')
    .argument('[to]', 'where to, here', '.')
    .option('--identity <file>', 'your private key, when the lease was not rented from here')
    .action(async (id, path, to, flags) => {
      process.exitCode = await (await import('./fetch.ts')).fetchFrom(id, path, to, flags)
    })
  const stop = lease
    .command('stop')
    .description('end it and pay what was used; waits until that is in a block')
    .addArgument(leaseId())
    .option('--in <time>', 'announce the end for later, as in 10m, and do not wait for it', parseDuration)
    .option('--withdraw', 'take back an end that was announced for later: the lease goes on')
    .option('--no-wait', 'only ask for the end')
    .action(async (id, flags) => (await import('./stop.ts')).stopLease(id, flags))
  const topUp = lease
    .command('top-up')
    .description('lock so many sats more in it while it runs; waits until that is funded')
    .addArgument(leaseId())
    .argument('<sats>', 'whole sats, 2,000 or more', parseSats)
    .option('--key <text>', 'the same top-up repeated with the same key is made once')
    .option('--no-wait', 'only ask for it')
    .action(async (id, sats, flags) => (await import('./top-up.ts')).topUpLease(id, sats, flags))
  const renew = lease
    .command('renew')
    .description('make it last longer in place: same machine, same shell; waits for the provider')
    .addArgument(leaseId())
    .requiredOption('--for <time>', 'so much longer, as in 2h', parseDuration)
    .option('--no-wait', 'only ask for it')
    .action(async (id, flags) => (await import('./change.ts')).changeLease(id, { longerByMs: flags.for }, flags))
  const change = lease
    .command('change')
    .description(
      'ask for other terms while it runs; what is better for the other side it signs at once, all else it refuses',
    )
    .addArgument(leaseId())
    .option('--price-percent <percent>', 'all prices but that of the start, of the present ones', percent)
    .option('--duration <time>', 'the longest in all, as in 3h', parseDuration)
    .option('--notice <time>', 'how long before it ends it by choice the provider says so', parseDuration)
    .option('--data-grace <time>', 'how long data can be fetched after the end', parseDuration)
    .option('--no-wait', 'only ask for it')
    .action(async (id, flags) => {
      const { pricePercent, duration: maxDurationMs, notice: noticeMs, dataGrace: dataGraceMs } = flags
      const wanted = Object.entries({ pricePercent, maxDurationMs, noticeMs, dataGraceMs })
      const given = Object.fromEntries(wanted.filter(([, value]) => value !== undefined))
      await (await import('./change.ts')).changeLease(id, given, flags)
    })
  const [pause, resume] = (['pause', 'resume'] as const).map((name) =>
    lease
      .command(name)
      .description(
        name === 'pause'
          ? 'let its machine stand still: only its disk is paid for; either side may'
          : 'take this side’s pause back',
      )
      .addArgument(leaseId())
      .option('--no-wait', 'only ask for it')
      .action(async (id, flags) => (await import('./pause.ts')).pauseLease(id, name === 'pause', flags)),
  )
  const receipt = lease
    .command('receipt')
    .description(
      'the bill line by line, both signatures, and the transactions; -o json > FILE is for zennet receipt verify',
    )
    .addArgument(leaseId())
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./receipt.ts')).showReceipt(id, flags))
  const logins = lease
    .command('logins')
    .description('who logged in to its machine, newest first; on the provider’s node')
    .addArgument(leaseId())
    .option('--limit <count>', 'at most so many', limit, 20)
    .addOption(outputOption())
    .action(async (id, flags) => (await import('./logins.ts')).listLogins(id, flags))
  for (const command of [ls, show]) addWatchOptions(command as unknown as CommandUnknownOpts)
  for (const command of [stop, pause, resume])
    addChangeOptions(command as unknown as CommandUnknownOpts, { asks: false })
  for (const command of [topUp, renew, change])
    addChangeOptions(command as unknown as CommandUnknownOpts, { asks: true })
  for (const command of [
    ls,
    show,
    watch,
    logs,
    replay,
    ssh,
    fetch,
    stop,
    topUp,
    renew,
    change,
    pause,
    resume,
    receipt,
    logins,
  ])
    addNodeOptions(command as unknown as CommandUnknownOpts)
  return lease as unknown as CommandUnknownOpts
}
