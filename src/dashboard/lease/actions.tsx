import { Action } from '../part/action.tsx'
import { AskedFor } from './asked-for.tsx'
import { change, forget, pause, resume, stop, topUp, withdrawNotice } from './mutations.ts'
import { isProviders, isRunning, type LeaseRow } from './query.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
/** Least that a channel is opened for, sats. */
const LEAST_TOP_UP_SATS = 2_000
const MOST_SATS = 2_100_000_000_000_000

/** What is done at once: stop, stand still, go on. */
export const QuickActions = ({ of }: { readonly of: LeaseRow }) => {
  if (!isRunning(of)) return null
  const own = isProviders(of) ? 'asked-by-provider' : 'asked-by-publisher'
  const isPaused = of.pauses.some(({ code }) => code === own)
  const given = of.notices.find(({ by, withdrawn }) => by === of.side && !withdrawn)
  return (
    <div class="row">
      {of.keyKept && (
        <a class="button" href={`/lease/${of.leaseId}/terminal`}>
          Terminal
        </a>
      )}
      {of.maxPauseS !== null && (
        <Action
          label={isPaused ? 'Resume' : 'Pause'}
          isQuiet
          run={() => (isPaused ? resume(of.leaseId) : pause(of.leaseId))}
        />
      )}
      {given?.endsAt != null && <Action label="Withdraw notice" isQuiet run={() => withdrawNotice(of.leaseId)} />}
      <Action
        label="Stop"
        isBad
        sure={
          <p>
            {isProviders(of) && of.noticeMs
              ? 'It ends after the notice that was agreed. What was used is paid; the rest of the deposit goes back.'
              : 'The machine is stopped now. What was used is paid, the rest of the deposit comes back.'}
          </p>
        }
        run={() => stop(of.leaseId)}
      />
    </div>
  )
}

/** What can be said of it while it runs, with a number each; and what can be done once it is over. */
export const MoreActions = ({ of, again }: { readonly of: LeaseRow; again(): void }) => {
  if (!of.active && !of.forgotten)
    return (
      <section class="card">
        <h2>Forget it</h2>
        <p>Addresses, keys of people and words are removed for good; money, times and signatures stay.</p>
        <Action
          label="Forget"
          isBad
          sure={<p>This cannot be undone, and this node cannot show them to anybody any more.</p>}
          run={async () => {
            await forget(of.leaseId)
            again()
          }}
        />
      </section>
    )
  if (!isRunning(of)) return null
  return (
    <section class="card">
      <h2>While it runs</h2>
      <div class="fields">
        <AskedFor
          label="Stop in a while"
          unit="minutes"
          start={10}
          least={1}
          most={366 * DAY_MINUTES}
          about="Both sides know when; it can be withdrawn until then."
          run={(minutes) => stop(of.leaseId, minutes * MINUTE_MS)}
        />
        {!isProviders(of) && (
          <AskedFor
            label="Top up"
            unit="sats"
            start={20_000}
            least={LEAST_TOP_UP_SATS}
            most={MOST_SATS}
            about="Locked beside what it has; what is not used comes back."
            run={(sats) => topUp(of.leaseId, String(sats))}
          />
        )}
        <AskedFor
          label="Renew"
          unit="minutes longer"
          start={60}
          least={1}
          most={366 * DAY_MINUTES}
          about="The same machine, the same shell; the other side has to agree."
          run={(minutes) => change(of.leaseId, { longerByMs: minutes * MINUTE_MS })}
        />
        <AskedFor
          label="Change the price"
          unit="percent of the present"
          start={isProviders(of) ? 90 : 110}
          least={1}
          most={1_000}
          about="What is better for the other side it signs at once; what is worse it refuses."
          run={(pricePercent) => change(of.leaseId, { pricePercent })}
        />
      </div>
    </section>
  )
}
