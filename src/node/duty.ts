/** A part of a node that acts on the world. */
export type Part = { close(): Promise<void> }

/** A part that runs while this node has the right to: always on a log of its own. */
export type Duty<P extends Part> = {
  /** Undefined while another node on the same log has it. */
  readonly current: P | undefined
  close(): Promise<void>
}

/** Of a node whose log is its own. @throws what `open` throws */
export const ownDuty = async <P extends Part>(open: () => Promise<P>): Promise<Duty<P>> => {
  const current = await open()
  return { current, close: () => current.close() }
}
