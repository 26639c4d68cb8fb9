type Given = {
  readonly of: readonly { readonly rule: string; readonly excludes: number; readonly alone: number }[]
  /** Whom they keep away. */
  readonly whom: string
}

/** Which rule loses how many, the strictest first. */
export const Exclusions = ({ of, whom }: Given) =>
  of.length === 0 ? null : (
    <ul>
      {of.map(({ rule, excludes, alone }) => (
        <li key={rule}>
          <strong>{rule}</strong> loses {excludes} {whom}
          {alone > 0 && `, ${alone} of them alone`}
        </li>
      ))}
    </ul>
  )
