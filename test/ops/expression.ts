/** What an expression of PromQL asks for. `matchers`: of one metric, label to values, those of a pattern apart. `grouped`: by labels. */
export type Asked = {
  readonly metrics: readonly { readonly name: string; readonly matchers: ReadonlyMap<string, readonly string[]> }[]
  readonly grouped: readonly string[]
}

const WORDS = new Set(['by', 'without', 'on', 'ignoring', 'and', 'or', 'unless', 'bool', 'offset'])

/** Reads what these files use of PromQL: functions, aggregations, selectors and numbers. promtool judges whether it is right. */
export const askedIn = (expression: string): Asked => {
  const grouped: string[] = []
  const rest = expression
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, labels: string) => {
      grouped.push(...labels.split(',').map((label) => label.trim()))
      return ''
    })
  const metrics = [...rest.matchAll(/"[^"]*"|(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\(|\{[^}]*\})?/g)].flatMap(
    ([, name, after]) => {
      if (name === undefined || after === '(' || WORDS.has(name)) return []
      const pairs = [...(after ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)]
      return [{ name, matchers: new Map(pairs.map(([, label, values]) => [label!, values!.split('|')])) }]
    },
  )
  return { metrics, grouped }
}
