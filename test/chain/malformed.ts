/** Ways to spoil the bytes of a thing, in hex. `goesOn`: a thing, and bytes after it. */
export const MALFORMED: readonly {
  readonly what: string
  readonly make: (hex: string) => string
  readonly goesOn?: true
}[] = [
  { what: 'none', make: () => '' },
  { what: 'one', make: () => '00' },
  { what: 'half of them', make: (hex) => hex.slice(0, Math.floor(hex.length / 4) * 2) },
  { what: 'one too few', make: (hex) => hex.slice(0, -2) },
  { what: 'one too many', make: (hex) => `${hex}00`, goesOn: true },
  { what: 'an odd number of digits', make: (hex) => hex.slice(0, -1) },
  { what: 'no digits', make: (hex) => `${hex.slice(0, -2)}zz` },
  { what: 'zeros', make: (hex) => '0'.repeat(hex.length), goesOn: true },
  { what: 'all bits set', make: (hex) => 'f'.repeat(hex.length) },
]
