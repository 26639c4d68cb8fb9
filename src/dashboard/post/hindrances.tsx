import { At } from '../part/shown.tsx'
import { type Begun, meansOf } from './means.ts'

/** What stands in the way of any wish, whatever is asked for; nothing when nothing does. */
export const Hindrances = ({ of }: { readonly of: Begun }) => {
  const { isOpen, chain } = meansOf(of)
  return (
    <>
      {!isOpen && (
        <p class="note">
          The wallet is locked: nothing can be announced. <a href="/wallet">Unlock it</a>, or run{' '}
          <code>zennet wallet unlock</code>.
        </p>
      )}
      {chain !== 'level' && (
        <p class="note">
          {chain === 'none' ? (
            `This node knows no block of ${of.status.network} yet.`
          ) : (
            <>
              The newest block that this node knows is of <At of={of.blocks.edges[0]?.node.time} />.
            </>
          )}{' '}
          While it is behind the chain, its coins may be spent already and nobody sees what it announces.{' '}
          <a href="/health">Look at the network’s health</a>.
        </p>
      )}
    </>
  )
}
