import { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'

/**
 * A shell's channel as one stream. A terminal has one output; what is said beside it (a shell that cannot be started) belongs there. Both
 * are read only while there is room; it ends after the last byte of both.
 */
export const terminalStream = (channel: ClientChannel): Duplex => {
  const outputs = [channel, channel.stderr]
  const stream = new Duplex({
    read: () => {
      for (const output of outputs) output.resume()
    },
    write: (bytes, _, done) => {
      // What is typed to a shell that is gone is nobody's.
      if (channel.writable) channel.write(bytes, () => done())
      else done()
    },
    final: (done) => {
      channel.end()
      done()
    },
  })
  let open = outputs.length
  for (const output of outputs) {
    output.pause()
    output.on('data', (bytes: Buffer) => {
      if (stream.push(bytes)) return
      for (const one of outputs) one.pause()
    })
    output.once('end', () => {
      if (--open === 0) stream.push(null)
    })
  }
  return stream
}
