/** What stands where a personal field was forgotten, or where this node has no key to read it. */
export const FORGOTTEN = '(forgotten)'
export const HIDDEN = '(hidden)'
export type Placeholder = typeof FORGOTTEN | typeof HIDDEN

/** A field of a fact, named by the keys that lead to it; `list`: it holds texts, and an empty list stands in for them. */
export type PersonalField = { readonly path: readonly string[]; readonly form: 'text' | 'list' }

export const text = (path: string): PersonalField => ({ path: path.split('.'), form: 'text' })
export const list = (path: string): PersonalField => ({ path: path.split('.'), form: 'list' })

const TERMS = [text('terms.shell.user'), list('terms.shell.authorizedKeys'), text('terms.shell.hostKey')]
const WHY = [text('why')]

/**
 * The personal fields of each type of fact: stored under a key of the fact's stream, and gone with that key. Written in every
 * schema version: a path is never taken out, or old facts could not be read; a renamed field has both.
 *
 * In:
 * - `remote`: where somebody can be reached or called from, an IP address mostly.
 * - `shell`: the keys that may log in belong to a person and are the same elsewhere; user name and host key lead to a machine.
 * - `why`: words of another program, in which addresses do stand (`127.0.0.1:4001 refused: …`). The code beside it stays.
 * - `key` and `from` of a login: who came, and from where.
 * - `label`: free text of a person. `authorizedKeys` of an order: as in `shell`.
 *
 * Out, and why:
 * - Identity keys, bonds, txids, heights, the record of an announcement with its endpoint: they stand on the chain for ever. Sealing
 *   them here would only pretend.
 * - Lease ids, channel keys, scripts and vouchers: made for one lease or one payment, and the money could not be followed without.
 * - Image, resources, prices, hardware, marks, usage, availability, verdicts: about machines; the market's statistics are made of them.
 * - Bytes, channels and times of logins: what a machine was used for in all, as its usage.
 * - Signatures and receipts: they hold keys, amounts and hashes, and must be provable for as long as the other side has its copy.
 * - Ends (`code`, `culprit`), stages and times: what happened, not to whom.
 * - `wallet.*`, `chain.*`, `index.*`, `mempool.*`: this node's own coins, public blocks, and what everybody's node was sent for one.
 *   References are ids; a purpose is one of a few words. A label is the owner's note about its own money.
 * - `lending.*`: when this node lent its machine out, and that its owner was busy; its provider publishes as much with each offer.
 * - `claim.*`, `effect.*`, `timer.*`, `request.*`, `log.*`: who of our own nodes does what, about which id. Whatever else a
 *   payload needs to know, it reads from the stream of that id, where it is sealed.
 */
export const PERSONAL: Readonly<Record<string, readonly PersonalField[]>> = {
  'lease.sought': [text('remote')],
  'lease.connected': [text('remote')],
  'lease.offered': TERMS,
  'lease.countered': TERMS,
  'lease.agreed': TERMS,
  'lease.change-offered': TERMS,
  'lease.changed': TERMS,
  'lease.change-refused': WHY,
  'lease.provisioned': [text('shell.user'), text('shell.hostKey')],
  'lease.ended': WHY,
  'lease.top-up-refused': WHY,
  'lease.refused': WHY,
  'lease.failed': WHY,
  'announcement.posted': [text('body.label'), list('order.authorizedKeys')],
  'announcement.described': [text('body.label')],
  'login.opened': [text('key'), text('from')],
}

/** Asked for every fact that is read, so it is a map. */
const FIELDS: ReadonlyMap<string, readonly PersonalField[]> = new Map(Object.entries(PERSONAL))

/** Undefined for most facts, and for every fact of a tick: those cost one look. */
export const personalFields = (type: string): readonly PersonalField[] | undefined => FIELDS.get(type)

/** A copy of a fact or a row in which each of `fields` that is there has the value that `change` gives for it. */
export const withPersonal = <T extends object>(
  whole: T,
  fields: readonly PersonalField[],
  change: (value: unknown, field: PersonalField) => unknown,
): T => {
  let changed: unknown = whole
  for (const field of fields) changed = changedAt(changed, field.path, (value) => change(value, field))
  return changed as T
}

const changedAt = (node: unknown, [key, ...rest]: readonly string[], change: (value: unknown) => unknown): unknown => {
  if (key === undefined) return change(node)
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return node
  const inner = (node as Readonly<Record<string, unknown>>)[key]
  if (inner === undefined) return node
  const after = changedAt(inner, rest, change)
  return after === inner ? node : { ...node, [key]: after }
}

/** Of the field's own type, so that no reader has to ask whether it was forgotten. */
export const standIn = ({ form }: PersonalField, placeholder: Placeholder): string | readonly string[] =>
  form === 'list' ? [] : placeholder
