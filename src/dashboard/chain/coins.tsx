import { Sats, Short } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'

type Input = {
  readonly txid: string
  readonly vout: number
  readonly sats: string | null
  readonly address: string | null
}
type Output = {
  readonly vout: number
  readonly sats: string
  readonly address: string | null
  readonly script: string
  readonly spentBy: string | null
  readonly spentHeight: number | null
}

const UNKNOWN = 'The chain engine does not have this transaction any more.'

/** What a transaction spends. `isNew`: it makes new coins and spends nothing. */
export const Inputs = ({ of, isNew }: { readonly of: readonly Input[] | null; readonly isNew: boolean }) => (
  <section class="card">
    <h2>Spends</h2>
    <Table
      label="Inputs"
      head={['From', 'Coin of', 'Worth']}
      rows={isNew ? [] : (of ?? [])}
      keyOf={({ txid, vout }) => `${txid}:${vout}`}
      empty={isNew ? 'Nothing: these are new coins, for the block’s miner.' : UNKNOWN}
    >
      {(one) => [
        <Place of={one.address} />,
        <span>
          <Short of={one.txid} to={`/transaction/${one.txid}`} />
          <span class="figure">:{one.vout}</span>
        </span>,
        <Sats of={one.sats} />,
      ]}
    </Table>
  </section>
)

/** What it makes, and what became of that. */
export const Outputs = ({ of }: { readonly of: readonly Output[] | null }) => (
  <section class="card">
    <h2>Makes</h2>
    <Table
      label="Outputs"
      head={['Output', 'To', 'Worth', 'Spent by']}
      rows={of ?? []}
      keyOf={({ vout }) => `${vout}`}
      empty={UNKNOWN}
    >
      {(one) => [
        <span class="figure">{one.vout}</span>,
        one.address === null ? <Script of={one.script} /> : <Place of={one.address} />,
        <Sats of={one.sats} />,
        one.spentBy === null ? (
          <span class="faint">not known</span>
        ) : (
          <Short of={one.spentBy} to={`/transaction/${one.spentBy}`} />
        ),
      ]}
    </Table>
  </section>
)

const Place = ({ of }: { readonly of: string | null }) =>
  of === null ? <span class="faint">no address</span> : <Short of={of} to={`/address/${of}`} />

/** A script that nobody writes as an address; 6a is OP_RETURN, which carries data. */
const Script = ({ of }: { readonly of: string }) => (
  <span>
    {of.startsWith('6a') ? 'data' : 'script'} <Short of={of} />
  </span>
)
