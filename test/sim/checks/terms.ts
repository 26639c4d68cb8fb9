import { encode } from '../../../domain/codec.ts'
import { termsHash } from '../../../domain/terms.ts'
import type { Trouble } from '../plan.ts'
import type { Account } from '../truth.ts'
import { type Check, Violation } from '../violation.ts'
import type { World } from '../world.ts'
import { hasTrouble, isHostile } from './excuses.ts'

const NAME = 'terms-and-receipts-agree'

/** What may keep one side from hearing the other's last word, or from knowing how it ended. */
const DEAF: readonly Trouble['kind'][] = [
  'kill',
  'kill-at-write',
  'stall',
  'partition',
  'cut',
  'flip',
  'slow-network',
  'disk-full',
  'disk-slow',
  'chain-away',
  'chain-away-at',
  'reorganise',
  'fees',
  'forget',
  'driver-hangs',
]

/** Both sides end with the same terms, of which no revision is missing, and with one receipt that both have signed. */
export const terms: Check = {
  name: NAME,
  atEnd(world) {
    for (const account of world.truth.all()) {
      const other = world.truth.other(account)
      const { side, terms: ours, end, receipt } = account.lease.context
      if (side !== 'publisher' || !ours || !end || !other?.lease.context.terms) continue
      const refuse = (what: string): never => {
        throw new Violation(NAME, `lease ${account.leaseId}: ${what}`, account.node)
      }
      const theirs = other.lease.context
      const isSame = termsHash(ours) === termsHash(theirs.terms!)
      const isSigned = receipt?.providerSignature !== undefined && theirs.receipt?.publisherSignature !== undefined
      if (isSigned && !isSame) refuse('both have signed, and the terms differ')
      if (isSigned && encode(receipt.receipt) !== encode(theirs.receipt!.receipt)) refuse('the receipts differ')
      if (isDisturbed(world, account, other)) continue
      if (!isSame) refuse('the terms differ')
      if (!isSigned) refuse(`no receipt of both: ${end.code} here, ${theirs.end?.code} there`)
    }
  },
}

const isDisturbed = (world: World, ...sides: readonly Account[]): boolean =>
  sides.some(({ node }) => isHostile(world, node) || hasTrouble(world, node, DEAF))
