import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ask, doneOf } from '../api/ask.ts'
import { Fault, unreachable } from '../api/fault.ts'
import { graphql } from '../graphql.ts'
import type { Choice } from './fee-choice.tsx'
import type { Payment } from './payment.ts'

export const CREATE_PSBT = graphql(`
  mutation CreatePsbt($input: CreatePsbtInput!) {
    createPsbt(input: $input) {
      __typename
      ... on PsbtMade { psbt feeSats }
      ... on Problem { code message culprit next }
    }
  }
`)

/** What is typed is looked at when nothing was typed for so long, ms. */
const PAUSE_MS = 400

export type Preview = { readonly feeSats?: string; readonly fault?: Fault }

/**
 * What a payment would cost, from the node itself: it makes the transaction, signs nothing and reserves nothing. A payment with the same
 * choice is made of the same coins, unless others came or went meanwhile.
 *
 * @param since what else the cost depends on: when it changes the node is asked again, and the old answer stands until then
 */
export const usePreview = (
  payment: Payment | undefined,
  choice: Choice | undefined,
  since: readonly unknown[],
): ReadonlySignal<Preview | undefined> => {
  const preview = useSignal<Preview | undefined>(undefined)
  const typed = JSON.stringify([payment, choice])
  const before = useRef('')
  useEffect(() => {
    const isTyped = before.current !== typed
    before.current = typed
    if (isTyped) preview.value = undefined
    if (payment === undefined || choice === undefined) return
    let isOver = false
    const look = async (): Promise<void> => {
      const found = await ask(CREATE_PSBT, { input: { ...payment, ...choice } })
        .then(({ createPsbt }): Preview => {
          const { feeSats } = doneOf(createPsbt)
          return feeSats === null ? {} : { feeSats }
        })
        .catch((error: unknown): Preview => ({ fault: error instanceof Fault ? error : unreachable() }))
      if (!isOver) preview.value = found
    }
    const timer = setTimeout(look, isTyped || preview.peek() === undefined ? PAUSE_MS : 0)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [typed, JSON.stringify(since)])
  return preview
}
