import { Exclusions } from '../part/exclusions.tsx'
import { Msat } from '../part/shown.tsx'

type Tried = {
  readonly matched: number
  readonly machines: number
  readonly earnedMsat: string
  readonly exclusions: readonly { readonly rule: string; readonly excludes: number; readonly alone: number }[]
}
export type Found = {
  readonly announcements: number
  readonly truncated: boolean
  readonly present: Tried
  readonly changed: Tried
}

/** The present rules beside the changed ones. */
export const Outcome = ({ of: { announcements, truncated, present, changed } }: { readonly of: Found }) => (
  <>
    <table>
      <caption>
        Of {announcements} announcements{truncated && ', the earliest of that time,'} whose publishers told what they
        want
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">What</span>
          </th>
          <th scope="col">Rules now</th>
          <th scope="col">Changed</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">match</th>
          <td class="figure">{present.matched}</td>
          <td class="figure">{changed.matched}</td>
        </tr>
        <tr>
          <th scope="row">machines lent</th>
          <td class="figure">{present.machines}</td>
          <td class="figure">{changed.machines}</td>
        </tr>
        <tr>
          <th scope="row">earned at the most</th>
          <td>
            <Msat of={present.earnedMsat} />
          </td>
          <td>
            <Msat of={changed.earnedMsat} />
          </td>
        </tr>
      </tbody>
    </table>
    <h3>Which rule loses most, under the changed rules</h3>
    {changed.exclusions.length === 0 ? (
      <p class="faint">No rule loses any.</p>
    ) : (
      <Exclusions of={changed.exclusions} whom="announcements" />
    )}
    <p class="faint">
      Earned as if each match were won and fully used, in their order, with what was free then: an upper bound.
    </p>
  </>
)
