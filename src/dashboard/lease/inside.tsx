import { showNumber } from '../../../domain/shown.ts'
import { At } from '../part/shown.tsx'
import { Wide } from '../part/wide.tsx'
import type { LeaseRow } from './query.ts'

const PROBLEMS: Readonly<Record<string, string>> = {
  'not-agreed': 'The terms agree on no reading from inside the machine.',
  'no-isolation': 'Not isolated: what can be read there is the host’s.',
  'no-counters': 'The machine shows no counters.',
  'no-shell': 'The machine’s shell could not be used.',
  'bad-answer': 'What was read made no sense.',
}

/** What the publisher's own node reads inside the machine, beside what the provider bills: two parties watch the same meter. */
export const Inside = ({ of }: { readonly of: LeaseRow }) => {
  if (of.side === 'PROVIDER') return null
  return (
    <section class="card">
      <h2>Read inside the machine, against the bill</h2>
      {of.insideProblem !== null && <p>{PROBLEMS[of.insideProblem] ?? of.insideProblem}</p>}
      {of.inside === null ? (
        of.insideProblem === null && <p class="empty">Nothing was read yet.</p>
      ) : (
        <>
          <p>
            At tick <span class="figure">{of.inside.tick}</span>, <At of={of.inside.at} />.{' '}
            {of.inside.strikes === 0
              ? 'The bill fits what was read.'
              : `${of.inside.strikes} readings in a row were beyond the tolerance.`}
          </p>
          <Wide label="Read and billed">
            <table>
              <thead>
                <tr>
                  <th scope="col">Counter</th>
                  <th scope="col">Read inside</th>
                  <th scope="col">Billed</th>
                  <th scope="col">Fits</th>
                </tr>
              </thead>
              <tbody>
                {of.inside.counts.map(({ item, read, billed, beyond }) => (
                  <tr key={item}>
                    <td>{item}</td>
                    <td class="figure">{showNumber(read)}</td>
                    <td class="figure">{showNumber(billed)}</td>
                    <td>{beyond ? '✗ more was billed' : '✓ yes'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </>
      )}
    </section>
  )
}
