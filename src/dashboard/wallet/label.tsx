import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ask, doneOf } from '../api/ask.ts'
import { Fault, unreachable } from '../api/fault.ts'
import { graphql } from '../graphql.ts'
import { Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'

const OF_TRANSACTION = graphql(`
  mutation LabelTransaction($txid: Hex!, $label: String!) {
    labelTransaction(txid: $txid, label: $label) {
      __typename
      ... on Problem { code message culprit next }
    }
  }
`)

const OF_ADDRESS = graphql(`
  mutation LabelAddress($address: String!, $label: String!) {
    labelAddress(address: $address, label: $label) {
      __typename
      ... on Problem { code message culprit next }
    }
  }
`)

/** As many characters as the node takes. */
const MAX_CHARS = 200

type Given = {
  readonly of: string | null
  readonly what: { readonly txid: string } | { readonly address: string }
  /** Asks for the rows anew. */
  again(): void
}

/** The owner's own words, which can be changed where they stand. */
export const Label = ({ of, what, again }: Given) => {
  const isOpen = useSignal(false)
  const fault = useSignal<Fault | undefined>(undefined)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isOpen.value) field.current?.focus()
  }, [isOpen.value])
  const id = 'txid' in what ? what.txid : what.address
  const keep = async (label: string): Promise<void> => {
    fault.value = undefined
    try {
      if ('txid' in what) doneOf((await ask(OF_TRANSACTION, { txid: what.txid, label })).labelTransaction)
      else doneOf((await ask(OF_ADDRESS, { address: what.address, label })).labelAddress)
      isOpen.value = false
      again()
    } catch (error) {
      fault.value = error instanceof Fault ? error : unreachable()
    }
  }
  if (!isOpen.value)
    return (
      <span class="label-edit">
        <Words of={of ?? ''} />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isOpen.value = true
          }}
        >
          {of === null ? 'add' : 'change'}
          <span class="unseen"> words for {id}</span>
        </button>
      </span>
    )
  return (
    <form
      class="label-edit"
      onSubmit={(event) => {
        event.preventDefault()
        void keep(new FormData(event.currentTarget).get('label') as string)
      }}
    >
      <input
        name="label"
        aria-label={`Words for ${id}`}
        maxLength={MAX_CHARS}
        defaultValue={of ?? ''}
        ref={field}
        onKeyDown={({ key }) => {
          if (key === 'Escape') isOpen.value = false
        }}
      />
      <button type="submit">Keep</button>
      {fault.value && <Told told={fault.value} />}
    </form>
  )
}
