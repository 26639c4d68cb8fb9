import { computed, signal } from '@preact/signals'
import { type Document, textOf, type VariablesOf } from '../graphql.ts'

/** A question of the screen that is open: what people can ask the API themselves. */
export type Asked = { readonly text: string; readonly variables: object }

const open = signal<readonly Asked[]>([])

/** What the screen asks now, each question once. */
export const askedNow = computed(() => [...new Map(open.value.map((one) => [one.text, one])).values()])

/** @returns takes it back: the screen does not ask it any more */
export const asked = <D extends Document>(document: D, variables: VariablesOf<D>): (() => void) => {
  const one: Asked = { text: textOf(document), variables: variables as object }
  open.value = [...open.peek(), one]
  return () => {
    open.value = open.peek().filter((other) => other !== one)
  }
}
