import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, type FragmentDefinitionNode, Kind, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'

const FOLDER = 'src/dashboard'
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))

/** Every text in `graphql(...)` of the dashboard, by the file that it stands in. */
const documents = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .flatMap((path) =>
    [...readFileSync(join(FOLDER, path), 'utf8').matchAll(/\bgraphql\(\s*`([^`]*)`/g)].map(([, text]) => ({
      path,
      text: text!,
    })),
  )

const fragments = documents
  .flatMap(({ text }) => parse(text).definitions)
  .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)

/** The definitions of a text and of every fragment that they come to name. */
const whole = (text: string) => {
  const definitions = [...parse(text).definitions]
  for (let i = 0; i < definitions.length; i++) {
    const named = JSON.stringify(definitions[i]).matchAll(
      /"kind":"FragmentSpread","name":\{"kind":"Name","value":"(\w+)"/g,
    )
    for (const [, name] of named) {
      const found = fragments.find((one) => one.name.value === name)
      if (found !== undefined && !definitions.some((one) => 'name' in one && one.name?.value === name))
        definitions.push(found)
    }
  }
  return { kind: Kind.DOCUMENT, definitions } as const
}

const problems = (text: string): string[] => validate(schema, whole(text)).map(({ message }) => message)

describe('documents of the dashboard', () => {
  it('are found', () => expect(documents.length).toBeGreaterThan(5))

  it.each(
    documents
      .filter(({ text }) => !/^\s*fragment\b/.test(text))
      .map(({ path, text }) => [path, /(?:query|mutation|subscription)\s+\w+/.exec(text)?.[0] ?? text, text] as const),
  )('%s: %s is valid', (_, __, text) => expect(problems(text)).toEqual([]))

  it('say first how far the rows are that a live query is answered from', () => {
    const live = documents.filter(({ text }) => /^\s*query\b/.test(text) && !text.includes('# once'))
    for (const { path, text } of live)
      expect([path, text]).toEqual([path, expect.stringMatching(/^\s*query\s+\w+[^{]*\{\s*status\s*\{\s*position\b/)])
  })

  it('would be refused with a field that there is not', () => {
    expect(problems('query A { status { position nothing } }')).not.toEqual([])
    expect(problems('query A { ...Unknown }')).not.toEqual([])
  })

  it('have names of their own', () => {
    const names = documents.flatMap(({ text }) =>
      parse(text).definitions.flatMap((one) => ('name' in one && one.name ? [one.name.value] : [])),
    )
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })
})
