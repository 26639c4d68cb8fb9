import { useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { path } from '../route.ts'
import { tellElsewhere } from './browser-notices.ts'
import { followNewest, MOST_COUNTED, newest } from './newest.ts'
import { seenPosition, unseenOf } from './seen.ts'

/** How many notifications are new, in the top bar of every screen. */
export const Unread = () => {
  useEffect(() => followNewest(), [])
  useEffect(() => tellElsewhere(), [])
  const count = useComputed(() => {
    const { rows, head } = newest.value
    return unseenOf(
      rows.map(({ position }) => Number(position)),
      seenPosition.value,
      head,
    )
  }).value
  return (
    <a
      class={`button quiet unread ${count > 0 ? 'some' : ''}`}
      href="/notifications"
      aria-current={path.value === '/notifications' ? 'page' : undefined}
    >
      <span aria-hidden="true">✉</span> <span class="figure">{count >= MOST_COUNTED ? `${MOST_COUNTED}+` : count}</span>
      <span class="unseen"> new notifications</span>
    </a>
  )
}
