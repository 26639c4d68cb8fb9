// BIP 380: the checksum of an output descriptor, a code over 32 letters that finds any four wrong characters.

const INPUT_CHARS = '0123456789()[],\'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#"\\ '
const CHECKSUM_CHARS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const GENERATOR = [0xf5dee51989n, 0xa9fdca3312n, 0x1bab10e32dn, 0x3706b1677an, 0x644d626ffdn]

const step = (checksum: bigint, value: number): bigint => {
  const top = checksum >> 35n
  const next = ((checksum & 0x7ffffffffn) << 5n) ^ BigInt(value)
  return GENERATOR.reduce((sum, term, i) => ((top >> BigInt(i)) & 1n ? sum ^ term : sum), next)
}

/** A descriptor with its checksum: `addr(…)#abcdefgh`. */
export const withChecksum = (descriptor: string): string => {
  let checksum = 1n
  let group = 0
  let grouped = 0
  for (const char of descriptor) {
    const at = INPUT_CHARS.indexOf(char)
    if (at < 0) throw new RangeError(`no descriptor has the character ${JSON.stringify(char)}`)
    checksum = step(checksum, at & 31)
    group = group * 3 + (at >> 5)
    grouped++
    if (grouped === 3) {
      checksum = step(checksum, group)
      group = 0
      grouped = 0
    }
  }
  if (grouped > 0) checksum = step(checksum, group)
  for (let i = 0; i < 8; i++) checksum = step(checksum, 0)
  checksum ^= 1n
  const text = Array.from({ length: 8 }, (_, i) => CHECKSUM_CHARS[Number((checksum >> BigInt(5 * (7 - i))) & 31n)])
  return `${descriptor}#${text.join('')}`
}
