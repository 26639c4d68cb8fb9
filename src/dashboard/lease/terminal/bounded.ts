/** Bytes that may wait to be drawn. The node’s protocol has no word for “wait”, and a browser reads a socket whether or not it keeps up. */
export const MAX_WAITING_BYTES = 4_194_304

type Write = (bytes: Uint8Array, drawn: () => void) => void

/**
 * Draws what a shell prints, and leaves out what comes while too much waits: a machine that prints without end would else fill the
 * memory of the page, and Ctrl+C would be seen much later.
 *
 * @param leftOut told of the bytes that were left out, all of them so far
 */
export const boundedTo = (write: Write, leftOut: (bytes: number) => void): ((bytes: Uint8Array) => void) => {
  let waiting = 0
  let lost = 0
  return (bytes) => {
    if (waiting + bytes.length > MAX_WAITING_BYTES) {
      lost += bytes.length
      leftOut(lost)
      return
    }
    waiting += bytes.length
    write(bytes, () => {
      waiting -= bytes.length
    })
  }
}
