import { useSignal } from '@preact/signals'
import { unreachable } from '../api/fault.ts'
import { token } from '../api/token.ts'
import { Size, Time } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { useEvery } from './every.ts'
import { judgeProcess } from './judgement.ts'
import { type ProcessFigures, processFigures } from './process-figures.ts'
import { VerdictCard } from './verdict-card.tsx'

const EVERY_MS = 5_000

/** The program that serves this page, by the same figures that Prometheus scrapes. */
export const ProcessCard = () => {
  const figures = useSignal<ProcessFigures | undefined>(undefined)
  const isLost = useSignal(false)
  useEvery(EVERY_MS, async () => {
    try {
      const response = await fetch('/metrics', { headers: { authorization: `Bearer ${token.peek() ?? ''}` } })
      if (response.ok) figures.value = processFigures(await response.text())
      isLost.value = !response.ok
    } catch {
      isLost.value = true
    }
  })
  const now = figures.value
  if (isLost.value) return <Told told={unreachable()} />
  if (now === undefined) return null
  return (
    <VerdictCard title="Program" of={judgeProcess(now)}>
      <dl class="facts">
        <dt>Runs for</dt>
        <dd>
          <Time of={Date.now() / 1_000 - now.startedS} />
        </dd>
        <dt>Memory</dt>
        <dd>
          <Size of={now.memoryBytes} />
        </dd>
        <dt>Processor so far</dt>
        <dd>
          <Time of={now.cpuS} />
        </dd>
        <dt>Open files and sockets</dt>
        <dd class="figure">
          {now.files} of {now.mostFiles}
        </dd>
        <dt>Followers of feeds</dt>
        <dd class="figure">{now.subscriptions}</dd>
      </dl>
      <p>
        <a href="/metrics" data-server>
          All its figures
        </a>{' '}
        <span class="faint">(with the token, for Prometheus)</span>
      </p>
    </VerdictCard>
  )
}
