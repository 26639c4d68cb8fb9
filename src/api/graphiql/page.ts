import type { FastifyInstance, FastifyReply } from 'fastify'
import { PAGE_POLICY } from '../headers.ts'

/** Where the files of the page are; they are the same for everybody and ask for no token. */
const FOLDER = '/graphiql'

/** What `@graphql-yoga/render-graphiql` puts into one page, as it keeps it: programs and a style sheet, as text. */
type Bundle = Readonly<
  Record<'css' | 'favicon' | 'js' | 'editorWorkerService' | 'jsonWorker' | 'graphqlWorker', string>
>

/** Set before GraphiQL’s own program runs: its editor asks here for its workers. */
const ENVIRONMENT = `const workers = {
  editorWorkerService: '${FOLDER}/editor.worker.js',
  json: '${FOLDER}/json.worker.js',
  graphql: '${FOLDER}/graphql.worker.js',
}
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => workers[label] }
`

const OPTIONS = {
  endpoint: '/graphql',
  subscriptionsProtocol: 'WS',
  title: 'Zennet',
  headers: '{"Authorization": "Bearer "}',
}
const START = `YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), ${JSON.stringify(OPTIONS)})
`

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Zennet</title>
    <link rel="icon" href="${FOLDER}/favicon">
    <link rel="stylesheet" href="${FOLDER}/graphiql.css">
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script src="${FOLDER}/environment.js"></script>
    <script src="${FOLDER}/graphiql.js"></script>
    <script src="${FOLDER}/start.js"></script>
  </body>
</html>
`

const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** Each file: its type, and its content out of the bundle. */
const FILES: Readonly<Record<string, readonly [type: string, content: (bundle: Bundle) => string | Buffer]>> = {
  'environment.js': [JAVASCRIPT, () => ENVIRONMENT],
  'start.js': [JAVASCRIPT, () => START],
  'graphiql.js': [JAVASCRIPT, ({ js }) => js],
  'graphiql.css': ['text/css; charset=utf-8', ({ css }) => css],
  'editor.worker.js': [JAVASCRIPT, ({ editorWorkerService }) => editorWorkerService],
  'json.worker.js': [JAVASCRIPT, ({ jsonWorker }) => jsonWorker],
  'graphql.worker.js': [JAVASCRIPT, ({ graphqlWorker }) => graphqlWorker],
  favicon: ['image/x-icon', ({ favicon }) => Buffer.from(favicon.slice(favicon.indexOf(',') + 1), 'base64')],
}

/**
 * GraphiQL as a page with files of its own. Yoga's is one page with everything inline, which needs `unsafe-inline`, and keeps 30 MB
 * in every node; these are loaded when somebody asks for them.
 */
export const serveGraphiql = (app: FastifyInstance): void => {
  let bundle: Promise<Bundle> | undefined
  app.get<{ Params: { file: string } }>(`${FOLDER}/:file`, async ({ params: { file } }, reply) => {
    const found = Object.hasOwn(FILES, file) ? FILES[file] : undefined
    if (found === undefined) return reply.callNotFound()
    bundle ??= readBundle()
    const [type, content] = found
    return reply
      .header('content-security-policy', PAGE_POLICY)
      .type(type)
      .send(content(await bundle))
  })
}

export const sendGraphiql = (reply: FastifyReply): FastifyReply =>
  reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(PAGE)

/** The package gives out the whole page only; what it is made of lies beside what it gives out. */
const readBundle = async (): Promise<Bundle> =>
  (await import(new URL('graphiql.js', import.meta.resolve('@graphql-yoga/render-graphiql')).href)) as Bundle
