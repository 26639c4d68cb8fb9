import { toHex } from '../../../domain/bytes.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { parseScript, type ScriptStep } from '../../../domain/chain/script.ts'
import { decodeScriptNumber } from '../../../domain/chain/script-number.ts'

const names = new Map(Object.entries(OP).map(([name, op]) => [op as number, `OP_${name}`]))

/** A script as Core's `asm` shows it: data in hex, short data as a number, opcodes by name; `[error]` where it is broken. */
export const scriptAsm = (script: Uint8Array): string => {
  try {
    return parseScript(script).map(step).join(' ')
  } catch {
    return '[error]'
  }
}

const step = ({ op, data }: ScriptStep): string => {
  if (op > OP[16]) return names.get(op) ?? 'OP_UNKNOWN'
  if (op === OP['1NEGATE']) return '-1'
  if (op >= OP[1]) return String(op - OP[1] + 1)
  if (data === undefined || data.length === 0) return '0'
  return data.length <= 4 ? String(decodeScriptNumber(data)) : toHex(data)
}
