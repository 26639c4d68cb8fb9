import { useSignal } from '@preact/signals'
import { ask } from '../api/ask.ts'
import type { Told as Words } from '../api/fault.ts'
import { graphql } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Copied } from '../part/copied.tsx'
import { Told } from '../part/told.tsx'

const ADDRESS = graphql(`
  query NewAddress {
    # once
    receiveAddress
  }
`)

/** Why it would not be posted now; when it is for want of coins, where to send them. */
export const Refusal = ({ of }: { readonly of: Words }) => (
  <>
    <Told told={of} />
    {of.code === 'insufficient-funds' && <Receive />}
  </>
)

/** An address of the wallet: made when it is asked for, since each is a new one. */
export const Receive = () => {
  const address = useSignal('')
  const show = async (): Promise<void> => {
    address.value = (await ask(ADDRESS, {})).receiveAddress
  }
  return address.value === '' ? (
    <p>
      <Action label="Show an address to send coins to" isQuiet run={show} />
    </p>
  ) : (
    <p>
      Send coins to <Copied text={address.value} />. They show here as soon as the network has them.
    </p>
  )
}
