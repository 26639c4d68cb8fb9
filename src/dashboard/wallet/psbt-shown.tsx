import { Sats, Short } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'

type Given = {
  readonly of: {
    readonly version: number
    readonly txid: string
    readonly feeSats: string | null
    readonly inputs: readonly {
      readonly txid: string
      readonly vout: number
      readonly sats: string | null
      readonly address: string | null
      readonly own: boolean
      readonly signed: boolean
    }[]
    readonly outputs: readonly { readonly sats: string; readonly address: string | null; readonly own: boolean }[]
  }
}

/** An address in full: its begin alone could be another’s. */
const Whole = ({ of }: { readonly of: string }) => <code class="whole">{of}</code>

/** What a PSBT says it spends and pays. Amounts are its maker's word until they are looked up, which signing does. */
export const PsbtShown = ({ of }: Given) => (
  <>
    <dl class="facts">
      <dt>Version</dt>
      <dd class="figure">{of.version}</dd>
      <dt>Transaction</dt>
      <dd>
        <Short of={of.txid} />
      </dd>
      <dt>Fee</dt>
      <dd>
        <Sats of={of.feeSats} />
      </dd>
    </dl>
    <Table
      label="Inputs of the PSBT"
      head={['Spends', 'Worth', 'Whose', 'Signed']}
      rows={of.inputs}
      keyOf={({ txid, vout }) => `${txid}:${vout}`}
      empty="It spends nothing."
    >
      {(one) => [
        one.address === null ? <Short of={`${one.txid}:${one.vout}`} /> : <Whole of={one.address} />,
        <Sats of={one.sats} />,
        one.own ? 'this wallet’s' : 'others’',
        one.signed ? '✓ yes' : '✗ no',
      ]}
    </Table>
    <Table
      label="Outputs of the PSBT"
      head={['Pays', 'Worth', 'Whose']}
      rows={of.outputs.map((output, i) => ({ ...output, i }))}
      keyOf={({ i }) => `${i}`}
      empty="It pays nobody."
    >
      {(one) => [
        one.address === null ? 'a script' : <Whole of={one.address} />,
        <Sats of={one.sats} />,
        one.own ? 'this wallet’s' : 'others’',
      ]}
    </Table>
  </>
)
