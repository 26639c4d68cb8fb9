import type { ComponentChildren } from 'preact'
import { Msat } from '../part/shown.tsx'
import { Wide } from '../part/wide.tsx'
import { RESOURCE_NAMES, type Resource } from './resources.ts'

type Summary = {
  readonly count: number
  readonly medianMsat: string
  readonly minMsat: string
  readonly maxMsat: string
} | null
type Row = { readonly resource: Resource; readonly agreed: Summary; readonly offered: Summary }

/** What each resource costs by the terms that were signed, and by all that was offered, in the last day. */
export const PriceIndex = ({ of }: { readonly of: readonly Row[] }) => (
  <section class="card">
    <h2>Price index of the last day</h2>
    {of.every(({ agreed, offered }) => agreed === null && offered === null) ? (
      <p class="empty">Nothing was offered in the last day. Prices come from offers to this node and leases of it.</p>
    ) : (
      <Wide label="Price index">
        <table>
          <thead>
            <tr>
              <th scope="col">Price of</th>
              <th scope="col">Agreed, median</th>
              <th scope="col">least to most</th>
              <th scope="col">Offered, median</th>
              <th scope="col">least to most</th>
            </tr>
          </thead>
          <tbody>
            {of.map(({ resource, agreed, offered }) => (
              <tr key={resource}>
                <th scope="row">{RESOURCE_NAMES[resource]}</th>
                {cellsOf(agreed).map((cell, i) => (
                  <td key={`agreed ${i}`}>{cell}</td>
                ))}
                {cellsOf(offered).map((cell, i) => (
                  <td key={`offered ${i}`}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    )}
  </section>
)

const cellsOf = (summary: Summary): readonly ComponentChildren[] =>
  summary === null
    ? ['–', '–']
    : [
        <Msat of={summary.medianMsat} />,
        <>
          <Msat of={summary.minMsat} /> to <Msat of={summary.maxMsat} /> ({summary.count})
        </>,
      ]
