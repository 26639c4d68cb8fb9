import { msatToSats, showNumber } from '../../../../domain/shown.ts'
import { At, Msat, Sats, Short, said, Time } from '../../part/shown.tsx'
import { Wide } from '../../part/wide.tsx'
import { isProviders, type LeaseRow } from '../query.ts'

/** What was paid, what is left, and how long it lasts. */
export const Money = ({ of }: { readonly of: LeaseRow }) => (
  <section class="card">
    <h2>Money</h2>
    <dl class="facts">
      <dt>{isProviders(of) ? 'Earned so far' : 'Paid so far'}</dt>
      <dd>
        <Sats of={of.paidSats} /> by the newest voucher, <Msat of={of.owedMsat} /> owed
      </dd>
      <dt>Deposit</dt>
      <dd>
        <Sats of={of.capacitySats} />
        {of.toppedUpSats !== '0' && (
          <>
            {' '}
            (<Sats of={of.toppedUpSats} /> by top-ups)
          </>
        )}
      </dd>
      <dt>Left of it</dt>
      <dd>
        <Sats of={leftOf(of)} />
      </dd>
      {of.forecast && (
        <>
          <dt>Rate now</dt>
          <dd>
            <Msat of={of.forecast.hourlyMsat} /> an hour,{' '}
            {of.forecast.windowS === 0
              ? 'the price of full use'
              : `as in the last ${Math.round(of.forecast.windowS)} s`}
          </dd>
          <dt>Ends in</dt>
          <dd>
            <strong>
              <Time of={of.forecast.emptyInS} />
            </strong>
            , <At of={of.forecast.emptyAt} />, by {said(of.forecast.by)} if it goes on like this
            {of.forecast.low && <span class="state bad">money is low</span>}
          </dd>
        </>
      )}
      <dt>Channel</dt>
      <dd>
        {of.channel === null
          ? 'none yet'
          : `${said(of.channel.state)}, until block ${showNumber(of.channel.expiryHeight)}`}
      </dd>
      <dt>Funding</dt>
      <dd>
        <Short of={of.fundingTxid} {...(of.fundingTxid === null ? {} : { to: `/transaction/${of.fundingTxid}` })} />
      </dd>
      {of.settlementTxid !== null && (
        <>
          <dt>Settlement</dt>
          <dd>
            <Short of={of.settlementTxid} to={`/transaction/${of.settlementTxid}`} /> in block {of.settlementHeight}
          </dd>
        </>
      )}
    </dl>
  </section>
)

/** What no voucher has promised yet. */
const leftOf = ({ capacitySats, paidSats }: LeaseRow): bigint | null =>
  capacitySats === null ? null : BigInt(capacitySats) - BigInt(paidSats)

/** Every line that makes up what is owed: who has the terms and the usage comes to the same. */
export const Bill = ({ of }: { readonly of: LeaseRow }) => (
  <section class="card">
    <h2>Bill</h2>
    {of.bill.length === 0 ? (
      <p class="empty">No price is proposed yet.</p>
    ) : (
      <Wide label="Bill">
        <table>
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">Used</th>
              <th scope="col">Price, msat a unit</th>
              <th scope="col">Msat</th>
            </tr>
          </thead>
          <tbody>
            {of.bill.map(({ item, used, price, msat }) => (
              <tr key={`${item} ${price} ${used}`}>
                <td>{ITEMS[item] ?? item}</td>
                <td class="figure">{showNumber(used)}</td>
                <td class="figure">{showNumber(price)}</td>
                <td class="figure">{showNumber(msat)}</td>
              </tr>
            ))}
            <tr>
              <td colSpan={3}>
                <strong>Owed, rounded up to {showNumber(msatToSats(of.owedMsat))} sats</strong>
              </td>
              <td class="figure">{showNumber(of.owedMsat)}</td>
            </tr>
          </tbody>
        </table>
      </Wide>
    )}
  </section>
)

const ITEMS: Readonly<Record<string, string>> = {
  startMsat: 'Start, once',
  wallHour: 'Time, µs',
  cpuHour: 'CPU, µs of one core',
  memGiBHour: 'Memory, byte·seconds',
  diskGiBHour: 'Disk, byte·seconds',
  ioReadGiB: 'Disk read, bytes',
  ioWriteGiB: 'Disk written, bytes',
  netRxGiB: 'Network in, bytes',
  netTxGiB: 'Network out, bytes',
  pausedDiskGiBHour: 'Disk in pauses, byte·seconds',
}
