import type { ComponentChildren } from 'preact'
import { At, Sats } from '../part/shown.tsx'
import { type Begun, meansOf } from '../post/means.ts'
import { Receive } from '../post/refusal.tsx'
import { Mining } from './mining.tsx'

/** What is there and what is missing; only what is missing asks for something. */
export const Steps = ({ of }: { readonly of: Begun }) => {
  const { rents, isOpen, chain, hasSats, soonSats } = meansOf(of)
  const newest = of.blocks.edges[0]?.node
  return (
    <ol class="steps card" aria-live="polite">
      <Step title="A node that rents" isDone={rents} done={<>it listens for providers at {of.status.endpoint}</>}>
        This node does not rent machines. Start it with <code>--roles publisher,api</code>.
      </Step>
      <Step title="A wallet that may spend" isDone={isOpen} done="it is open">
        It is locked. <a href="/wallet">Unlock it</a>, or run <code>zennet wallet unlock</code>.
      </Step>
      <Step
        title="A chain that is up to date"
        isDone={chain === 'level'}
        done={
          <>
            {of.status.network}, block {of.status.height}, of <At of={newest?.time} />
          </>
        }
      >
        {chain === 'none' ? (
          <>
            No block of {of.status.network} is known here yet. The node reads them by itself when it has peers; on a new
            chain somebody has to make the first.
          </>
        ) : (
          <>
            The newest block is number {of.status.height}, of <At of={newest?.time} />: the node is still reading, or
            nobody makes blocks. <a href="/health">Look at the network’s health</a>.
          </>
        )}
      </Step>
      <Step title="Coins" isDone={hasSats > 0n} done={<Sats of={hasSats} />}>
        {soonSats > 0n ? (
          <>
            <Sats of={soonSats} /> were mined for you and can be spent when they are a little older: wait for some
            blocks.
          </>
        ) : (
          <>
            The wallet is empty.
            <Receive />
            <Mining network={of.status.network} />
          </>
        )}
      </Step>
    </ol>
  )
}

type Given = {
  readonly title: string
  readonly isDone: boolean
  /** What is there. */
  readonly done: ComponentChildren
  /** What to do, when it is not. */
  readonly children: ComponentChildren
}

const Step = ({ title, isDone, done, children }: Given) => (
  <li>
    <strong>
      {isDone ? '✓' : '✗'} {title}
    </strong>
    {isDone ? <span class="faint">: {done}</span> : <div>{children}</div>}
  </li>
)
