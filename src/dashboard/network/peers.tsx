import { At, Size, said, Words } from '../part/shown.tsx'
import { Table } from '../part/table.tsx'

type Peer = {
  readonly number: number
  readonly address: string
  readonly direction: string
  readonly userAgent: string
  readonly height: number
  readonly pingMs: number | null
  readonly connectedAt: string
  readonly sentBytes: string
  readonly receivedBytes: string
}

type Given = {
  readonly of: {
    readonly bestHeight: number
    readonly knownAddresses: number
    readonly listening: string | null
    readonly peers: readonly Peer[]
  } | null
}

const HEAD = ['Peer', 'Who called', 'Says it is', 'Height', 'Ping', 'Since', 'Sent', 'Received']

/** With whom the chain in this process speaks. */
export const Peers = ({ of }: Given) => (
  <section class="card">
    <h2>Peers of the chain</h2>
    {of === null ? (
      <p>The chain is another program’s: ask it for its peers (bitcoin-cli getpeerinfo).</p>
    ) : (
      <>
        <p>
          <span class="figure">{of.knownAddresses}</span> addresses are known;{' '}
          {of.listening === null ? 'nobody can call here' : `others call at ${of.listening}`}.
        </p>
        <Table
          label="Peers"
          head={HEAD}
          rows={of.peers}
          keyOf={({ number }) => `${number}`}
          empty="It speaks with nobody. On a chain of your own that is as it should be; else name a peer in the node’s config."
        >
          {(peer) => [
            <Words of={peer.address} />,
            said(peer.direction),
            <span class="clip">
              <Words of={peer.userAgent} />
            </span>,
            <span class="figure">{peer.height}</span>,
            <span class="figure">{peer.pingMs === null ? '–' : `${Math.round(peer.pingMs)} ms`}</span>,
            <At of={peer.connectedAt} />,
            <Size of={peer.sentBytes} />,
            <Size of={peer.receivedBytes} />,
          ]}
        </Table>
      </>
    )}
  </section>
)
