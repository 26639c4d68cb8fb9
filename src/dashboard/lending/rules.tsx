import { Short, Size, said, Time, Words } from '../part/shown.tsx'
import type { Lent } from './lending.tsx'

/** What is lent out, what of it is free, and to whom. Settings of the node: they are changed where it is started. */
export const Rules = ({ of }: { readonly of: Lent }) => (
  <section class="card">
    <h2>What is lent, and by which rules</h2>
    <dl class="facts">
      <dt>Cores free</dt>
      <dd class="figure">
        {of.free.cpuMillis / 1_000} of {of.total.cpuMillis / 1_000}
      </dd>
      <dt>Memory free</dt>
      <dd>
        <Size of={of.free.memoryBytes} /> of <Size of={of.total.memoryBytes} />
      </dd>
      <dt>Disk free</dt>
      <dd>
        <Size of={of.free.diskBytes} /> of <Size of={of.total.diskBytes} />
      </dd>
      <dt>Leases</dt>
      <dd class="figure">
        {of.leases} of {of.maxLeases} at a time
      </dd>
      <dt>For at most</dt>
      <dd>
        <Time of={of.maxDurationS} />
      </dd>
      <dt>Kept apart by</dt>
      <dd>{said(of.isolation)}</dd>
      <dt>Network</dt>
      <dd>{of.internet ? 'the internet, when agreed' : 'none'}</dd>
      <dt>Images</dt>
      <dd>
        {of.images.map((image) => (
          <div key={image}>{image === '*' ? 'any that it can get' : <Words of={image} />}</div>
        ))}
      </dd>
      <dt>To whom</dt>
      <dd>{of.trustedKeys === null ? 'everybody' : of.trustedKeys.map((key) => <Short key={key} of={key} />)}</dd>
      <dt>Spare cycles</dt>
      <dd>
        {of.openForS === null ? (
          'lent out at all hours'
        ) : (
          <>
            {of.openForS > 0 ? (
              <>
                lent out for <Time of={of.openForS} /> more
              </>
            ) : (
              'not lent out now'
            )}
            {of.openUntil !== null && (
              <>
                : <Words of={of.openUntil} />
              </>
            )}
          </>
        )}
      </dd>
    </dl>
    <p class="faint">
      They are settings of the node: flags of <code>zennet provide</code>, or its config file.
    </p>
  </section>
)
