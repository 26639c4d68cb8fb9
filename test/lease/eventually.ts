const LIMIT_MS = 30_000
const LOOK_MS = 20

/** Waits until `holds`, for what no fact tells. (`expect.poll` knows no concurrent tests.) */
export const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + LIMIT_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
