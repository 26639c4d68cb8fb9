import { parameters, setParameters } from '../route.ts'

type Given = {
  readonly page: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  /** Of the parameter in the address line that holds the cursor: a screen may have two lists. */
  readonly name?: string
}

/** The cursor that the address line says a list begins behind; undefined: it begins with the newest. */
export const afterOf = (name = 'after'): string | undefined => parameters.value.get(name) ?? undefined

/** From one page of a list to the next, and back to the newest. The place is in the address line, so that it can be linked to. */
export const Older = ({ page, name = 'after' }: Given) => {
  const isNewest = afterOf(name) === undefined
  if (isNewest && !page.hasNextPage) return null
  return (
    <div class="row">
      {!isNewest && (
        <button type="button" class="quiet" onClick={() => setParameters({ [name]: '' })}>
          Newest
        </button>
      )}
      {page.hasNextPage && (
        <button type="button" class="quiet" onClick={() => setParameters({ [name]: page.endCursor ?? '' })}>
          Older
        </button>
      )}
    </div>
  )
}
