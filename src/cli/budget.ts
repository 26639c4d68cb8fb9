import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { notFound } from './exit-code.ts'
import { addNodeOptions, connect, type NodeFlags } from './node-options.ts'
import { type Column, type Output, outputOption, printOne } from './output.ts'
import { msatToSats, showNumber } from './quantity.ts'

type BudgetView = {
  readonly dayBegan: string
  readonly limitSats: string | null
  readonly spentSats: string
  readonly reservedSats: string
  readonly leftSats: string | null
  readonly hourlyMsat: string
  readonly emptyAt: string | null
}

const sats = (amount: string | null): string => (amount === null ? 'no limit' : `${showNumber(amount)} sats`)
const FIELDS: readonly Column<BudgetView>[] = [
  ['day (UTC)', ({ dayBegan }) => dayBegan.slice(0, 10)],
  ['limit', ({ limitSats }) => sats(limitSats)],
  ['spent', ({ spentSats }) => sats(spentSats)],
  ['reserved', ({ reservedSats }) => sats(reservedSats)],
  ['left', ({ leftSats }) => sats(leftSats)],
  ['rate', ({ hourlyMsat }) => `${showNumber(msatToSats(hourlyMsat))} sats an hour, as the leases are used now`],
  ['empty at', ({ emptyAt }) => emptyAt ?? 'not today'],
]

const showBudget = async (flags: NodeFlags & { readonly output: Output }): Promise<void> => {
  const { budget } = await connect(flags).request<{ budget: BudgetView | null }>(
    '{ budget { dayBegan limitSats spentSats reservedSats leftSats hourlyMsat emptyAt } }',
  )
  if (budget === null) throw notFound('this node rents nothing', 'Ask a node with the role publisher.')
  printOne(budget, FIELDS, flags.output)
}

/** `zennet budget` */
export const budgetCommand = (): CommandUnknownOpts => {
  const budget = new Command('budget')
    .description('what the leases rented here cost today, and may: the setting dailyBudgetSats')
    .addOption(outputOption())
    .action(async (flags) => showBudget(flags as NodeFlags & { output: Output })) as unknown as CommandUnknownOpts
  addNodeOptions(budget)
  return budget
}
