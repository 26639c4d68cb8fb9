import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { type Document, type ResultOf, textOf, type VariablesOf } from '../graphql.ts'
import { ask } from './ask.ts'
import { asked } from './asked.ts'
import { Fault, unreachable } from './fault.ts'

/** Who types or drags is not interrupted: asked when nothing changed for so long, ms. */
const PAUSE_MS = 300
/** What the answer depends on moves on without a key being pressed, ms. */
const AGAIN_MS = 10_000

/** The newest answer, and whether it is to what stands there now. */
export type Typed<T> = { readonly data?: T; readonly fault?: Fault; readonly isOld: boolean }

/** What the node says to something that a person is typing: asked when they pause, and from time to time. */
export const useTyped = <D extends Document>(
  document: D,
  variables: VariablesOf<D>,
): { readonly value: Typed<ResultOf<D>> } => {
  const answer = useMemo(() => signal<Typed<ResultOf<D>>>({ isOld: true }), [])
  const key = JSON.stringify([textOf(document), variables])
  useEffect(() => {
    let isGone = false
    let timer: ReturnType<typeof setTimeout>
    const unasked = asked(document, variables)
    answer.value = { ...answer.peek(), isOld: true }
    const run = async (): Promise<void> => {
      const found = await ask(document, variables).then(
        (data): Typed<ResultOf<D>> => ({ data, isOld: false }),
        (error: unknown): Typed<ResultOf<D>> => ({
          fault: error instanceof Fault ? error : unreachable(),
          isOld: false,
        }),
      )
      if (isGone) return
      answer.value = found
      timer = setTimeout(run, AGAIN_MS)
    }
    timer = setTimeout(run, PAUSE_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
      unasked()
    }
  }, [key])
  return answer
}
