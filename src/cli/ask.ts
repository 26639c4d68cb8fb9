import { text } from 'node:stream/consumers'
import { Fault } from '../../domain/fault.ts'
import { plainText } from '../../domain/plain-text.ts'
import { usageFault } from './exit-code.ts'

/** Whether a person may be asked: `input` is false with `--no-input`. */
export type AskFlags = { readonly yes?: true | undefined; readonly input?: boolean | undefined }

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACE = new Set(['\u0008', '\u007f'])
/** Longer than any password of a keystore. */
const MAX_CHARS = 4_096

/** Somebody types, and sees what is asked. */
export const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/**
 * Asks on the terminal, on stderr. `ifNobody`: whether to go on where there is no terminal, as in a script.
 * @throws Fault `cli.usage` when nobody may be asked, `cli.interrupted`
 */
export const isSure = async (question: string, { yes, input }: AskFlags, ifNobody: 'go on' | 'refuse') => {
  if (yes) return true
  const next = 'Say --yes to do it without a question.'
  if (input === false) throw usageFault('With --no-input nobody is asked.', next)
  if (process.stdin.isTTY !== true) {
    if (ifNobody === 'go on') return true
    throw usageFault('Nobody is there to be asked.', next)
  }
  // Somebody is there, who would not see the question.
  if (!isTerminal()) throw usageFault('The question cannot be seen: standard error is no terminal.', next)
  return /^y(?:es)?$/i.test((await lineOf(`${plainText(question)} [y/N] `, true)).trim())
}

/**
 * A secret: typed without being shown, or all of standard input where that is no terminal. Never an argument, since those stand in the
 * list of processes.
 * @throws Fault `cli.usage` when nobody may be asked, `cli.interrupted`
 */
export const readSecret = async (prompt: string, { input }: AskFlags): Promise<string> => {
  if (process.stdin.isTTY !== true) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const next = 'Give it on standard input.'
  if (input === false) throw usageFault('With --no-input nobody is asked.', next)
  if (!isTerminal()) throw usageFault('The question cannot be seen: standard error is no terminal.', next)
  return lineOf(`${prompt}: `, false)
}

/** One line of the terminal in raw mode, so that nothing is echoed but by us, and Ctrl-C is ours to answer. */
const lineOf = (prompt: string, isShown: boolean): Promise<string> =>
  new Promise((done, failed) => {
    const { stdin, stderr } = process
    let line = ''
    const leave = () => {
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const take = (chunk: Buffer) => {
      for (const character of chunk.toString('utf8')) {
        if (character === CTRL_C) {
          leave()
          failed(new Fault('cli.interrupted', 'interrupted', { culprit: 'you', next: 'Nothing was done.' }))
          return
        }
        if (character === '\r' || character === '\n' || character === CTRL_D) {
          leave()
          done(line)
          return
        }
        if (BACKSPACE.has(character)) {
          if (isShown && line !== '') stderr.write('\b \b')
          line = [...line].slice(0, -1).join('')
        } else if (character >= ' ' && line.length < MAX_CHARS) {
          line += character
          if (isShown) stderr.write(character)
        }
      }
    }
    // Before anything is asked: who answers at once, or pastes, is not echoed by the terminal either.
    stdin.setRawMode(true)
    stderr.write(prompt)
    stdin.on('data', take)
    stdin.resume()
  })
