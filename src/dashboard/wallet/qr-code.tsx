import { encode } from 'uqr'

/** A text for a camera. `M`: it can be read when 15 % of it cannot. */
export const QrCode = ({ text }: { readonly text: string }) => {
  const { data, size } = encode(text, { ecc: 'M', border: 2 })
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`QR code of ${text}`}>
      <path d={dark.join('')} shape-rendering="crispEdges" />
    </svg>
  )
}
