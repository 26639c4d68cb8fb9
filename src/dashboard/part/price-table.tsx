import { Msat } from './shown.tsx'
import { Wide } from './wide.tsx'

const ITEMS = {
  startMsat: 'once, to begin',
  wallHour: 'time, hour',
  cpuHour: 'CPU, hour of a core',
  memGiBHour: 'memory, GiB for an hour',
  diskGiBHour: 'disk, GiB for an hour',
  pausedDiskGiBHour: 'disk while paused, GiB for an hour',
  ioReadGiB: 'read from disk, GiB',
  ioWriteGiB: 'written to disk, GiB',
  netRxGiB: 'received, GiB',
  netTxGiB: 'sent, GiB',
} as const
type Item = keyof typeof ITEMS
export type Price = Readonly<Record<Item, string>>

/** Prices side by side, each under its name. */
export const PriceTable = ({ columns }: { readonly columns: Readonly<Record<string, Price>> }) => (
  <Wide label="Prices">
    <table>
      <thead>
        <tr>
          <th scope="col">Of</th>
          {Object.keys(columns).map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {(Object.keys(ITEMS) as Item[]).map((item) => (
          <tr key={item}>
            <th scope="row">{ITEMS[item]}</th>
            {Object.entries(columns).map(([name, price]) => (
              <td key={name}>
                <Msat of={price[item]} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </Wide>
)
