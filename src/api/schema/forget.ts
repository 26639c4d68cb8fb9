import type { Done, ForgetSubject, ForgetTarget, Problem } from '../port.ts'
import { isProblem, problemOf } from '../problem.ts'
import { builder } from './builder.ts'
import { command } from './command.ts'
import type { ApiContext } from './context.ts'
import { untilFresh } from './fresh.ts'
import { resultType } from './problem-type.ts'
import { KEY_DESCRIPTION } from './request-input.ts'

type Forgotten = Done<{ readonly subjects: readonly ForgetSubject[] }>

const KindEnum = builder.enumType('ForgetKind', {
  values: { LEASE: { value: 'lease' }, ANNOUNCEMENT: { value: 'announcement' } } as const,
})

const SubjectType = builder.objectRef<ForgetSubject>('ForgetSubject').implement({
  description: 'A lease or an announcement, and what is personal in its facts.',
  fields: (t) => ({
    kind: t.field({ type: KindEnum, resolve: (it) => it.kind }),
    id: t.expose('id', { type: 'Hex', description: 'Lease id, or txid.' }),
    sealedFacts: t.int({
      description: 'Facts whose personal fields go with the key.',
      resolve: ({ sealed }) => sealed,
    }),
    plainFacts: t.int({
      description: 'Facts from before there were keys: their personal fields stay in the log.',
      resolve: ({ plain }) => plain,
    }),
    forgotten: t.exposeBoolean('forgotten'),
    obstacle: t.string({
      nullable: true,
      description: 'Why it cannot be forgotten yet: lease-active, channel-open, machine-stands, announcement-standing.',
      resolve: ({ obstacle }) => obstacle?.code ?? null,
    }),
    why: t.string({ nullable: true, resolve: ({ obstacle }) => obstacle?.why ?? null }),
    next: t.string({ nullable: true, resolve: ({ obstacle }) => obstacle?.next ?? null }),
  }),
})

const subjects = (shape: typeof ForgottenRef) =>
  shape.implement({
    fields: (t) => ({
      subjects: t.field({ type: [SubjectType], resolve: (it) => [...it.subjects] }),
      position: t.expose('position', { type: 'Position', description: 'Up to where the log was read, or written.' }),
    }),
  })
const ForgottenRef = builder.objectRef<Forgotten>('Forgotten')
const ForgottenType = subjects(ForgottenRef)
const ForgettableType = subjects(builder.objectRef<Forgotten>('Forgettable'))

const ForgetResult = resultType('ForgetResult', ForgottenType)
const ForgettableResult = resultType('ForgettableResult', ForgettableType)

const TargetInput = builder.inputType('ForgetTarget', {
  description: 'Exactly one of them.',
  fields: (t) => ({
    lease: t.field({ type: 'Hex', description: 'Lease id.' }),
    announcement: t.field({ type: 'Hex', description: 'Txid.' }),
    peer: t.field({ type: 'PublicKey', description: 'Every lease and announcement with that other side.' }),
  }),
})
const ForgetInput = builder.inputType('ForgetInput', {
  fields: (t) => ({
    target: t.field({ type: TargetInput, required: true }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})

type Target = typeof TargetInput.$inferInput

const FORMS: readonly (readonly [ForgetTarget['kind'], RegExp, string])[] = [
  ['lease', /^[0-9a-f]{32}$/, 'a lease id: 32 hex digits'],
  ['announcement', /^[0-9a-f]{64}$/, 'a txid: 64 hex digits'],
  ['peer', /^0[23][0-9a-f]{64}$/, 'an identity key: 66 hex digits'],
]

const targetOf = (target: Target): ForgetTarget | Problem => {
  const [first, ...more] = FORMS.filter(([kind]) => target[kind] != null)
  if (!first || more.length > 0)
    return problemOf('api.bad-input', 'target: expected one of lease, announcement and peer')
  const [kind, form, expected] = first
  const id = target[kind]!
  return form.test(id) ? { kind, id } : problemOf('api.bad-input', `${kind}: expected ${expected}`)
}

const readsOnly = problemOf(
  'reads-only',
  'this node cannot forget: it only reads the log',
  'Send it to a node with the role publisher or provider on the same log.',
)

const examine = async ({ market, journal }: ApiContext, raw: Target): Promise<Forgotten | Problem> => {
  const target = targetOf(raw)
  if (isProblem(target)) return target
  if (!market.forgetting) return readsOnly
  const position = await journal.head()
  const found = await market.forgetting.examine(target)
  return isProblem(found) ? found : { subjects: found, position }
}

const forget = async (context: ApiContext, raw: Target): Promise<Forgotten | Problem> => {
  const target = targetOf(raw)
  if (isProblem(target)) return target
  const { forgetting } = context.market
  if (!forgetting) return readsOnly
  const done = await forgetting.forget(target)
  if (!isProblem(done)) await untilFresh(context, done.position)
  return done
}

builder.queryField('forgettable', (t) =>
  t.field({
    type: ForgettableResult,
    description: 'What forget would forget, and what stands in its way.',
    args: { target: t.arg({ type: TargetInput, required: true }) },
    resolve: (_, { target }, context) => examine(context, target),
  }),
)
builder.mutationField('forget', (t) =>
  t.field({
    type: ForgetResult,
    description: 'Deletes the keys of what is personal, for good: see docs/forgetting.md.',
    args: { input: t.arg({ type: ForgetInput, required: true }) },
    resolve: (_, { input }, context) => command(context, 'forget', input, () => forget(context, input.target)),
  }),
)
