import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { Fault, unreachable } from '../api/fault.ts'
import { graphql } from '../graphql.ts'
import { Told } from '../part/told.tsx'
import { replace } from '../route.ts'

const EVER = graphql(`
  query Ever {
    # once
    leases(first: 1) { edges { node { id } } }
    announcements(first: 1, filter: { own: true }) { edges { node { id } } }
  }
`)

/** Who never leased nor announced anything is shown how to begin; everybody else the market. */
export const Home = () => {
  const fault = useSignal<Fault | undefined>(undefined)
  const look = async (): Promise<void> => {
    fault.value = undefined
    try {
      const { leases, announcements } = await ask(EVER, {})
      replace(leases.edges.length + announcements.edges.length === 0 ? '/begin' : '/market')
    } catch (error) {
      fault.value = error instanceof Fault ? error : unreachable()
    }
  }
  useEffect(() => void look(), [])
  if (fault.value === undefined) return <p class="loading">Loading…</p>
  return (
    <>
      <h1 class="unseen">Zennet</h1>
      <Told told={fault.value} />
      <button type="button" onClick={look}>
        Try again
      </button>
    </>
  )
}
