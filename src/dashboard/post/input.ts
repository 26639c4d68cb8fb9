import { wholeOf } from '../part/typed.ts'
import type { Form } from './form.ts'

const MIB = 1_048_576n

/** What postAnnouncement and dryRun are asked with: as PostAnnouncementInput, without a key of its own. */
export type PostInput = ReturnType<typeof inputOf>

/** Whole numbers alone; anything else is asked as it is, so that the node says what is wrong with it. */

/** Never by way of a float: amounts may be larger than what one holds. */
const amount = (text: string, times = 1n): string | null => {
  const digits = text.trim()
  return digits === '' ? null : /^\d+$/.test(digits) ? String(BigInt(digits) * times) : digits
}

export const inputOf = (form: Form) => ({
  label: form.label,
  image: form.image === '' ? null : form.image,
  count: wholeOf(form.count),
  cpu: form.cpu.trim() === '' ? null : Number(form.cpu),
  memoryBytes: amount(form.memoryMiB, MIB),
  diskBytes: amount(form.diskMiB, MIB),
  pids: wholeOf(form.pids),
  maxDurationS: wholeOf(form.minutes, 60),
  maxHourlySats: amount(form.maxHourlySats),
  isolation: form.isolation,
  network: form.network,
  minAvailability: form.minAvailability.trim() === '' ? null : Number(form.minAvailability),
  keepKey: form.keepKey,
  authorizedKeys: form.keys
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
  budgetSats: amount(form.budgetSats),
  mostSats: amount(form.mostSats),
  expiryBlocks: wholeOf(form.expiryBlocks),
  renewUpToS: wholeOf(form.renewUpToMinutes, 60),
  noticeMs: wholeOf(form.noticeSeconds, 1_000),
  maxPauseS: wholeOf(form.maxPauseMinutes, 60),
  dataGraceS: wholeOf(form.dataGraceSeconds),
})

/** Which field of the form each field of the input comes from. */
const FIELDS: Readonly<Record<string, keyof Form>> = {
  label: 'label',
  image: 'image',
  count: 'count',
  cpu: 'cpu',
  cpuMillis: 'cpu',
  memoryBytes: 'memoryMiB',
  diskBytes: 'diskMiB',
  pids: 'pids',
  maxDurationS: 'minutes',
  maxHourlySats: 'maxHourlySats',
  authorizedKeys: 'keys',
  minAvailability: 'minAvailability',
  budgetSats: 'budgetSats',
  mostSats: 'mostSats',
  expiryBlocks: 'expiryBlocks',
  renewUpToS: 'renewUpToMinutes',
  noticeMs: 'noticeSeconds',
  maxPauseS: 'maxPauseMinutes',
  dataGraceS: 'dataGraceSeconds',
}

/** What the node says of each field, of a problem `api.bad-input`: `field: why; field: why`. */
export const wrongFields = (message: string): Readonly<Partial<Record<keyof Form, string>>> =>
  Object.fromEntries(
    message.split('; ').flatMap((part) => {
      const [, name, why] = /^(\w+)(?:\.\d+)?: (.+)$/s.exec(part) ?? []
      const field = name === undefined ? undefined : FIELDS[name]
      return field === undefined ? [] : [[field, why]]
    }),
  )

/** A change that the node proposes, by the name of its field; undefined: the form has none such. */
export const changed = (form: Form, field: string, to: string): Form | undefined => {
  switch (field) {
    case 'cpuMillis':
      return { ...form, cpu: String(Number(to) / 1_000) }
    case 'memoryBytes':
      return { ...form, memoryMiB: String(BigInt(to) / MIB) }
    case 'maxHourlySats':
      return { ...form, maxHourlySats: to }
    case 'isolation':
      return { ...form, isolation: to.toUpperCase() as Form['isolation'] }
    default:
      return undefined
  }
}
