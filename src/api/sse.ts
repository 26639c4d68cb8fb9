/** One event of a stream may have this many characters at the most. */
export const MAX_EVENT_CHARS = 4_194_304

export type ServerEvent = { readonly event: string; readonly data: string }

/**
 * Reads server-sent events (WHATWG HTML § 9.2). Comments, which keep a connection alive, are left out.
 * @throws RangeError when an event is longer than `MAX_EVENT_CHARS`
 */
export async function* serverEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const found = eventIn(text.slice(0, end))
      text = text.slice(end + 2)
      if (found !== undefined) yield found
    }
    if (text.length > MAX_EVENT_CHARS) throw new RangeError('an event is too long')
  }
}

const eventIn = (block: string): ServerEvent | undefined => {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
  }
  return data.length === 0 && event === 'message' ? undefined : { event, data: data.join('\n') }
}
