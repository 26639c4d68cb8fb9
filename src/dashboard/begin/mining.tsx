import { Copied } from '../part/copied.tsx'

/** Test chains, whose coins are worth nothing, and how to make some. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'xencoin-dev': ['zennet start', 'zennetd --roles publisher,api --mine true'],
  regtest: ['bitcoin-cli -regtest generatetoaddress 101 ADDRESS'],
}

/** How to come by coins without buying them, where the chain is one to try things on. */
export const Mining = ({ network }: { readonly network: string }) => {
  const ways = WAYS[network]
  return ways === undefined ? null : (
    <>
      <p>{network} is a chain to try things on; whoever makes its blocks has coins. One of these does:</p>
      <ul class="plain">
        {ways.map((way) => (
          <li key={way}>
            <Copied text={way} />
          </li>
        ))}
      </ul>
    </>
  )
}
