import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, print, printOne, printRows, say } from '../output.ts'
import { showNumber } from '../quantity.ts'

type WatchedView = {
  readonly descriptor: string
  readonly balanceSats: string
  readonly receivedSats: string
  readonly complete: boolean
  readonly addresses: readonly {
    readonly branch: number
    readonly index: number
    readonly address: string
    readonly used: boolean
    readonly receivedSats: string
    readonly balanceSats: string
    readonly unspentCount: number
  }[]
}

const sats = (amount: string): string => showNumber(BigInt(amount))

export const watchDescriptor = async (
  descriptor: string,
  flags: NodeFlags & { gap?: number | undefined; output: Output },
): Promise<void> => {
  const { watched } = await connect(flags).request<{ watched: WatchedView }>(
    `query($descriptor: String!, $gap: Int!) { watched(descriptor: $descriptor, gap: $gap) {
      descriptor balanceSats receivedSats complete
      addresses { branch index address used receivedSats balanceSats unspentCount } } }`,
    { descriptor, gap: flags.gap ?? 20 },
  )
  if (!watched.complete) say('There may be more: a branch has more addresses than are looked at.')
  if (flags.output !== 'table') {
    printOne(watched, [], flags.output)
    return
  }
  printOne(
    watched,
    [
      ['descriptor', (it) => it.descriptor],
      ['has, sats', (it) => sats(it.balanceSats)],
      ['received', (it) => sats(it.receivedSats)],
    ],
    flags.output,
  )
  print('')
  printRows(
    watched.addresses,
    [
      ['BRANCH', (it) => it.branch],
      ['INDEX', (it) => it.index],
      ['ADDRESS', (it) => it.address],
      ['SATS', (it) => sats(it.balanceSats)],
      ['OUTPUTS', (it) => it.unspentCount],
      ['', (it) => (it.used ? ' ' : 'unused')],
    ],
    flags.output,
  )
}
