/** How many blocks things wait already, as far as this process saw. */
export class Waits {
  readonly #since = new Map<string, number>()

  /** Blocks since `id` was first asked for, at `height`. */
  since(id: string, height: number): number {
    const since = this.#since.get(id)
    if (since === undefined) this.#since.set(id, height)
    return since === undefined ? 0 : height - since
  }

  restart(id: string, height: number): void {
    this.#since.set(id, height)
  }

  /** Forgets all others. */
  keep(ids: { has(id: string): boolean }): void {
    for (const id of this.#since.keys()) if (!ids.has(id)) this.#since.delete(id)
  }
}
