import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'

/** Sequences by which output could name the page, open links, or read and write the clipboard (OSC). None of them does anything. */
const DEAF_TO = [0, 1, 2, 7, 8, 9, 22, 52, 99, 133, 777, 1337]

/** A terminal's picture that lets what it shows do nothing but be shown. @returns it, and what fits it to its box */
export const openScreen = (box: HTMLElement, isRead: boolean): { terminal: Terminal; fit(): void; end(): void } => {
  const terminal = new Terminal({
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
    fontSize: 14,
    scrollback: 5_000,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    screenReaderMode: isRead,
    // Links that output marks would show one address and open another.
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    windowOptions: {},
    theme: { background: '#10140f', foreground: '#e7ece5', cursor: '#5ed3b4' },
    minimumContrastRatio: 4.5,
  })
  const fitting = new FitAddon()
  terminal.loadAddon(fitting)
  for (const code of DEAF_TO) terminal.parser.registerOscHandler(code, () => true)
  terminal.open(box)
  const fit = (): void => fitting.fit()
  fit()
  const observer = new ResizeObserver(fit)
  observer.observe(box)
  return {
    terminal,
    fit,
    end: () => {
      observer.disconnect()
      terminal.dispose()
    },
  }
}
