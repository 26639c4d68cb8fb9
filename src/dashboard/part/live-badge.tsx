import { useComputed } from '@preact/signals'
import { showNumber } from '../../../domain/shown.ts'
import { shownPosition } from '../api/live.ts'
import { connection } from '../api/socket.ts'

const WORDS = {
  connecting: 'connecting',
  live: 'live',
  stalled: 'stalled',
  reconnecting: 'reconnecting',
} as const
const SIGNS = { connecting: '○', live: '●', stalled: '▲', reconnecting: '↻' } as const

/** Whether what is shown is true now, and up to which place of the log it is. */
export const LiveBadge = () => {
  const at = useComputed(() => showNumber(shownPosition.value))
  const state = connection.value
  return (
    <span class={`badge ${state}`} title={`Up to position ${at.value} of the node’s log`}>
      <span aria-hidden="true">{SIGNS[state]}</span> <span role="status">{WORDS[state]}</span>{' '}
      <span class="figure faint">{at}</span>
    </span>
  )
}
