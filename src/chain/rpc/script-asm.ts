import { toHex } from '../../../domain/bytes.ts'
import { isStrictDer } from '../../../domain/chain/der.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { isUnspendable, type ScriptStep, stepAt } from '../../../domain/chain/script.ts'
import { decodeScriptNumber } from '../../../domain/chain/script-number.ts'

const names = new Map(Object.entries(OP).map(([name, op]) => [op as number, `OP_${name}`]))
/** Core has a name for this byte, and for no other that is no operation. */
const INVALID_OP = 0xff
const HASH_TYPES = new Map([
  [0x01, 'ALL'],
  [0x02, 'NONE'],
  [0x03, 'SINGLE'],
  [0x81, 'ALL|ANYONECANPAY'],
  [0x82, 'NONE|ANYONECANPAY'],
  [0x83, 'SINGLE|ANYONECANPAY'],
])

/**
 * A script as Core's `asm` shows it: data in hex, short data as a number, opcodes by name, `[error]` where it breaks.
 *
 * @param hashTypes what has the form of a signature ends with its hash type in words, as Core shows an input's script
 */
export const scriptAsm = (script: Uint8Array, { hashTypes = false } = {}): string => {
  const signatures = hashTypes && !isUnspendable(script)
  const words: string[] = []
  for (let at = 0; at < script.length; ) {
    const step = stepAt(script, at)
    if (step === undefined) {
      words.push('[error]')
      break
    }
    words.push(word(step, signatures))
    at = step.next
  }
  return words.join(' ')
}

const word = ({ op, data }: ScriptStep, signatures: boolean): string => {
  if (op > OP.NOP4 && op < OP.NOP10) return `OP_NOP${op - OP.NOP1 + 1}`
  if (op === INVALID_OP) return 'OP_INVALIDOPCODE'
  if (op > OP[16]) return names.get(op) ?? 'OP_UNKNOWN'
  if (op === OP['1NEGATE']) return '-1'
  if (op === OP.RESERVED) return 'OP_RESERVED'
  if (op >= OP[1]) return String(op - OP[1] + 1)
  if (data === undefined || data.length === 0) return '0'
  if (data.length <= 4) return String(decodeScriptNumber(data, data.length, false))
  const hashType = signatures && isStrictDer(data.subarray(0, -1)) ? HASH_TYPES.get(data.at(-1)!) : undefined
  return hashType === undefined ? toHex(data) : `${toHex(data.subarray(0, -1))}[${hashType}]`
}
