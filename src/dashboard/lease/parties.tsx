import { Msat, Short, Size, said, Time, Words } from '../part/shown.tsx'
import type { LeaseRow } from './query.ts'

type Given = { readonly of: LeaseRow; readonly cpu: string | undefined }

/** Who rents what from whom. */
export const Parties = ({ of, cpu }: Given) => (
  <section class="card">
    <h2>Parties and machine</h2>
    <dl class="facts">
      <dt>Publisher</dt>
      <dd>
        <Short of={of.publisherKey} /> {of.side === 'PUBLISHER' && '(this node)'}
      </dd>
      <dt>Provider</dt>
      <dd>
        <Short of={of.providerKey} {...(of.providerKey === null ? {} : { to: `/provider/${of.providerKey}` })} />{' '}
        {of.side === 'PROVIDER' && '(this node)'}
      </dd>
      <dt>Other side’s address</dt>
      <dd>
        <Words of={of.remote} />
      </dd>
      <dt>Announcement</dt>
      <dd>
        <Short of={of.announcementTxid} to={`/announcement/${of.announcementTxid}`} />
      </dd>
      <dt>Image</dt>
      <dd>
        <Words of={of.image ?? 'not agreed yet'} />
      </dd>
      <dt>Machine</dt>
      <dd>
        {of.resources === null ? (
          'not agreed yet'
        ) : (
          <>
            {of.resources.cpuMillis / 1_000} cores, <Size of={of.resources.memoryBytes} /> memory,{' '}
            <Size of={of.resources.diskBytes} /> disk, {of.resources.pids} processes
          </>
        )}
        {cpu !== undefined && (
          <>
            {' '}
            on <Words of={cpu} />
          </>
        )}
      </dd>
      <dt>Isolation, network</dt>
      <dd>
        {said(of.isolation ?? '–')}, {said(of.network ?? '–')}
      </dd>
      <dt>Price</dt>
      <dd>
        at most <Msat of={of.hourlyMsat} /> an hour{of.revision > 0 && `, changed ${of.revision} times`}
      </dd>
      <dt>For at most</dt>
      <dd>
        <Time of={of.maxDurationS} />
      </dd>
      <dt>Pauses</dt>
      <dd>
        {of.maxPauseS === null ? (
          'none agreed'
        ) : (
          <>
            up to <Time of={of.maxPauseS} />
          </>
        )}
      </dd>
      <dt>Notice of the provider</dt>
      <dd>{of.noticeMs ? <Time of={of.noticeMs / 1_000} /> : 'none agreed'}</dd>
    </dl>
  </section>
)
