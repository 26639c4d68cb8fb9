import { plainJson, plainText } from '../../domain/plain-text.ts'
import type { GraphqlClient, Variables } from '../api/client.ts'
import { type Output, print, printOne } from './output.ts'

export type NodeClient = GraphqlClient & {
  /** What a command has to know before it can ask: sent also when it is only to show what it asks. @throws as `request` */
  lookUp: GraphqlClient['request']
  /** It only shows what it would ask. */
  readonly isShowing: boolean
}

/** What was to be shown was shown: nothing is left to do, and all is well. */
export class Shown extends Error {}

export const nodeClient = (client: GraphqlClient): NodeClient => ({
  ...client,
  lookUp: client.request,
  isShowing: false,
})

type Showing = {
  readonly how: 'explain' | 'curl'
  readonly url: string
  /** The token as a word in double quotes of a shell; never the token itself. */
  readonly token: string
  readonly output: Output
}

/** Sends nothing but look-ups: prints the first document that it is given, and is done. */
export const shownClient = (client: GraphqlClient, showing: Showing): NodeClient => {
  const show = async (document: string, variables: Variables, isStream: boolean): Promise<never> => {
    if (showing.how === 'curl') print(curlLine(document, variables, isStream, showing))
    else await explain(document, variables, showing.output)
    throw new Shown()
  }
  return {
    isShowing: true,
    lookUp: client.request,
    request: (document, variables = {}) => show(document, variables, false),
    // biome-ignore lint/correctness/useYield: it ends before there is anything to give
    async *subscribe(document, variables = {}) {
      await show(document, variables, true)
    },
  }
}

const explain = async (document: string, variables: Variables, output: Output): Promise<void> => {
  const { parse, print: pretty } = await import('graphql')
  const query = pretty(parse(document))
  if (output !== 'table') return printOne({ query, variables }, [], output)
  for (const line of query.split('\n')) print(plainText(line))
  // As a comment: all of it together is still a document.
  print('')
  for (const line of plainJson(variables, 2).split('\n')) print(`# ${line}`)
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const curlLine = (document: string, variables: Variables, isStream: boolean, { url, token }: Showing): string => {
  const query = document.replace(/\s+/g, ' ').trim()
  return [
    `curl --fail-with-body --silent --show-error${isStream ? ' --no-buffer' : ''} ${quoted(`${url}/graphql`)}`,
    `--header "Authorization: Bearer ${plainText(token)}"`,
    `--header 'Content-Type: application/json'`,
    ...(isStream ? [`--header 'Accept: text/event-stream'`] : []),
    `--data ${quoted(plainJson({ query, variables }))}`,
  ].join(' \\\n  ')
}
