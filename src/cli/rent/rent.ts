import { setTimeout as delay } from 'node:timers/promises'
import { plainText } from '../../../domain/plain-text.ts'
import { dropKey, keepKey } from '../../shell/key-store.ts'
import { generateOpenSshKey } from '../../shell/openssh-key.ts'
import { EXIT, usageFault } from '../exit-code.ts'
import { isOver } from '../lease/lease-view.ts'
import { LOOK_MS, SETTLE_WAIT_MS, settledLine, settlesBy, settleTimeout } from '../lease/settle.ts'
import { requestStop } from '../lease/stop.ts'
import type { NodeFlags } from '../node-options.ts'
import { print, say } from '../output.ts'
import { openProgress, type Progress } from '../progress.ts'
import { msatToSats, showNumber } from '../quantity.ts'
import { announce, DEFAULT_WAIT_MS, type RentFlags, withdraw } from './announce.ts'
import { openPlace, type Place } from './place.ts'
import { leasesOf, type ReadyLease, untilReady } from './ready.ts'
import { runSession } from './session.ts'

type Flags = RentFlags & NodeFlags & { readonly chain?: string; readonly tty?: true; readonly keep?: true }

/** Announces, waits, runs the session, settles. @returns what the program ends with: the command's own exit code */
export const rent = async (command: readonly string[], flags: Flags): Promise<number> => {
  const progress = openProgress()
  const interrupt = new AbortController()
  let inSession = false
  const onSignal = () => {
    // In a session the signal is for ssh: leaving that goes on to settle.
    if (inSession) return
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    interrupt.abort()
    progress.clear()
    say('interrupted: the announcement is withdrawn and what runs is settled; once more leaves at once')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  let place: Place | undefined
  try {
    place = await openPlace(flags, progress)
    if (flags.keep && place.isOwn)
      throw usageFault('--keep needs a node that goes on running, and none does.', 'Start one: zennet start')
    return await rentFrom(place, command, flags, progress, interrupt.signal, (is) => {
      inSession = is
    })
  } finally {
    progress.clear()
    await place?.close()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

const rentFrom = async (
  place: Place,
  command: readonly string[],
  flags: Flags,
  progress: Progress,
  signal: AbortSignal,
  inSession: (is: boolean) => void,
): Promise<number> => {
  const { client, dataDir } = place
  const key = generateOpenSshKey('zennet')
  progress.show('announce: writing the announcement')
  const txid = await announce(place, flags, key.publicKey, progress, signal)
  let isKept = false
  try {
    const wanted = { txid, count: flags.count ?? 1, waitMs: flags.wait ?? DEFAULT_WAIT_MS }
    const leases = await untilReady(client, wanted, progress, signal)
    const identities = new Map<string, string>()
    for (const { leaseId } of leases) identities.set(leaseId, await keepKey(dataDir, leaseId, key.privateKey))
    for (const lease of leases) say(openLine(lease))
    if (leases.length < wanted.count) say(`only ${leases.length} of ${wanted.count} machines were to be had`)
    if (flags.keep) {
      isKept = true
      for (const { leaseId } of leases) print(leaseId)
      return EXIT.done
    }
    inSession(true)
    const identityFile = ({ leaseId }: ReadyLease) => identities.get(leaseId)!
    const session = { identityFile, command, ...(flags.tty ? { tty: true } : {}) }
    const { code, interrupted } = await runSession(leases, session).finally(() => inSession(false))
    return interrupted ? EXIT.interrupted : code
  } finally {
    if (!isKept) await settleAll(place, txid, progress).catch(sayUnsettled)
  }
}

/** What led here is the answer; that settling failed is told besides. */
const sayUnsettled = (error: unknown): void => {
  const why = error instanceof Error ? error.message : error
  say(plainText(`not settled yet: ${why}; it goes on while a node runs on this data directory`))
}

/** Nothing more is rented, and everything that ran is paid and told. @throws Fault `cli.timed-out` */
const settleAll = async ({ client, dataDir }: Place, txid: string, progress: Progress): Promise<void> => {
  progress.show('settle: taking the announcement back')
  await withdraw(client, txid)
  const until = performance.now() + SETTLE_WAIT_MS
  for (;;) {
    const { leases } = await leasesOf(client, txid)
    const open = leases.filter((lease) => !isOver(lease))
    if (open.length === 0) {
      progress.clear()
      for (const lease of leases.filter(({ fundingTxid }) => fundingTxid !== null)) say(settledLine(lease))
      for (const { leaseId } of leases) await dropKey(dataDir, leaseId)
      return
    }
    if (performance.now() > until) throw settleTimeout(open[0]!)
    // One that is not open yet cannot be stopped: it is asked again until it is, or came to nothing.
    for (const { leaseId, stage } of open) if (stage === 'METER') await requestStop(client, leaseId)
    progress.show(settlesBy(open[0]!))
    await delay(LOOK_MS)
  }
}

const openLine = ({ leaseId, providerKey, isolation, hourlyMsat, capacitySats }: ReadyLease): string =>
  plainText(
    `lease ${leaseId.slice(0, 12)} open: provider ${providerKey?.slice(0, 12)}, isolation ${isolation?.toLowerCase()}, ` +
      `at most ${showNumber(msatToSats(hourlyMsat))} sats an hour and ${showNumber(capacitySats ?? '0')} in all`,
  )
