/** All characters that a descriptor may have, in the order that the checksum knows them by (BIP 380). */
const CHARACTERS = '0123456789()[],\'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#"\\ '
const CHECKSUM_CHARACTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const CHECKSUM_CHARS = 8
const GENERATOR = [0xf5dee51989n, 0xa9fdca3312n, 0x1bab10e32dn, 0x3706b1677an, 0x644d626ffdn]

/**
 * Eight characters that find up to four wrong ones (BIP 380).
 *
 * @throws RangeError when a character can be in no descriptor
 */
export const descriptorChecksum = (descriptor: string): string => {
  let sum = 1n
  const take = (symbol: number): void => {
    const top = sum >> 35n
    sum = ((sum & 0x7ffffffffn) << 5n) ^ BigInt(symbol)
    for (const [bit, word] of GENERATOR.entries()) if ((top >> BigInt(bit)) & 1n) sum ^= word
  }
  let group = 0
  let grouped = 0
  for (const character of descriptor) {
    const position = CHARACTERS.indexOf(character)
    if (position < 0) throw new RangeError('a character that no descriptor has')
    take(position & 31)
    group = group * 3 + (position >> 5)
    if (++grouped < 3) continue
    take(group)
    group = 0
    grouped = 0
  }
  if (grouped > 0) take(group)
  for (let i = 0; i < CHECKSUM_CHARS; i++) take(0)
  sum ^= 1n
  return Array.from(
    { length: CHECKSUM_CHARS },
    (_, i) => CHECKSUM_CHARACTERS[Number((sum >> BigInt(5 * (CHECKSUM_CHARS - 1 - i))) & 31n)],
  ).join('')
}

/** A descriptor with its checksum: `addr(…)#abcdefgh`. @throws RangeError as `descriptorChecksum` */
export const withChecksum = (descriptor: string): string => `${descriptor}#${descriptorChecksum(descriptor)}`
