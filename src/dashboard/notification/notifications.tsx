import { useEffect, useRef } from 'preact/hooks'
import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Choice, chosen } from '../part/choice.tsx'
import { afterOf, Older } from '../part/older.tsx'
import { Screen } from '../part/screen.tsx'
import { At, said, Words } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'
import { Alerts } from './alerts.tsx'
import { permission, turnOff, turnOn } from './browser-notices.ts'
import { markSeen, seenPosition } from './seen.ts'
import { Severity } from './severity.tsx'
import { type Notice, pageOf, titleOf } from './words.ts'

const NOTIFICATIONS = graphql(`
  query NotificationList($after: String, $filter: NotificationFilter) {
    status { position }
    alerts { kind severity subjectKind subjectId code next dueAt }
    notifications(first: 50, after: $after, filter: $filter) {
      edges { node { id position kind severity at code culprit next sats endsAt subjectKind subjectId } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const SEVERITIES = ['', 'CRITICAL', 'WARNING', 'INFO'] as const
const KINDS = [
  '',
  'LEASE_ENDED',
  'LEASE_FAILED',
  'NOTICE_GIVEN',
  'PAYMENT_RECEIVED',
  'PAYMENT_DROPPED',
  'MONEY_REORGANISED',
  'EFFECT_PARKED',
] as const

const HEAD = ['How much', 'At', 'What', 'Why', 'What to do']

/** What happened and a person must know, the newest first; those that are new since it was looked at last are marked. */
export const Notifications = () => {
  const after = afterOf()
  const severity = chosen('severity', SEVERITIES)
  const kind = chosen('kind', KINDS)
  const filter = {
    ...(severity === '' ? {} : { severity: [severity] }),
    ...(kind === '' ? {} : { kind: [kind] }),
  }
  const live = useLive(NOTIFICATIONS, { filter, ...(after === undefined ? {} : { after }) }, ['notification', 'market'])
  const seenBefore = useRef(seenPosition.peek())
  const position = live.data.value?.status.position
  useEffect(() => {
    if (position !== undefined) markSeen(Number(position))
  }, [position])
  return (
    <Screen
      title="Notifications"
      cli={['zennet lease ls', 'zennet effects ls --state parked']}
      live={live}
      actions={<Elsewhere />}
    >
      {({ alerts, notifications }) => (
        <>
          <Alerts of={alerts} />
          <div class="filters">
            <Choice
              name="severity"
              label="How much it matters"
              choices={{ '': 'all', CRITICAL: 'waits for me', WARNING: 'to look at', INFO: 'good to know' }}
            />
            <Choice
              name="kind"
              label="What"
              choices={Object.fromEntries(KINDS.map((one) => [one, one === '' ? 'all' : titleOf({ kind: one })]))}
            />
          </div>
          <section class="card">
            <Table
              label="Notifications"
              head={HEAD}
              rows={notifications.edges.map(({ node }) => node)}
              keyOf={({ id }) => id}
              empty="Nothing to tell. Ends of leases, payments and what goes wrong are told here."
            >
              {(one) => [
                <span>
                  {Number(one.position) > seenBefore.current && <strong>new </strong>}
                  <Severity of={one.severity} />
                </span>,
                <At of={one.at} />,
                <About of={one} />,
                <span>
                  {one.code !== null && <code>{one.code}</code>} {one.culprit !== null && `(${said(one.culprit)})`}
                  {one.endsAt !== null && (
                    <>
                      {' '}
                      at <At of={one.endsAt} />
                    </>
                  )}
                </span>,
                <Words of={one.next ?? ''} />,
              ]}
            </Table>
            <Older page={notifications.pageInfo} />
          </section>
        </>
      )}
    </Screen>
  )
}

const About = ({ of }: { readonly of: Notice }) => {
  const page = pageOf(of)
  return page === undefined ? <span>{titleOf(of)}</span> : <a href={page}>{titleOf(of)}</a>
}

/** Notices of the browser itself: asked for on a click alone. */
const Elsewhere = () =>
  permission.value === 'no' ? (
    <span class="faint">This browser tells of nothing while the page is out of sight.</span>
  ) : permission.value === 'on' ? (
    <button type="button" class="quiet" onClick={turnOff}>
      Do not tell me outside of this page
    </button>
  ) : (
    <Action label="Tell me outside of this page too" isQuiet run={turnOn} />
  )
