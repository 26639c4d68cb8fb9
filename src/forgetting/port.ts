/** Where a personal field stands: bound to its ciphertext, which opens nowhere else. */
export type Place = {
  /** The subject is the stream: each has a key of its own. */
  readonly stream: string
  readonly version: number
  readonly type: string
  /** Keys that lead to the field, dotted. */
  readonly path: string
}

/** `forgotten`: the subject's key was deleted. `hidden`: this node does not have the key that it was sealed with. */
export type Opened = { readonly text: string } | 'forgotten' | 'hidden'

/** Seals and opens personal fields. Whatever it sealed can be opened after a crash: a key is on the disk before it is used. */
export interface Seals {
  /** What may be stored instead of `text`. For a subject that was forgotten, something that nobody can open. */
  seal(place: Place, text: string): string
  /** @throws Fault `journal.corrupt` when `sealed` was made at another place, or changed */
  open(place: Place, sealed: string): Opened
}

/** Keys by subject, in a file of their own: a copy of the log has none of them. */
export interface SubjectKeys extends Seals {
  /**
   * Deletes a subject's key, and overwrites where it stood. For good: a key is never made again for this subject.
   * @throws Fault `keys.locked` when another process reads the file and does not end
   */
  forget(subject: string, at: number): void
  isForgotten(subject: string): boolean
  /** Up to which position of the log every `subject.forgotten` has been obeyed, by this file. */
  obeyedUpTo(): number
  obeyed(position: number): void
  close(): void
}
