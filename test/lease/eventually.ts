const LIMIT_MS = 30_000
const LOOK_MS = 20

/** Waits until `holds`, for what no fact tells. (`expect.poll` knows no concurrent tests.) */
export const eventually = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  { limitMs = LIMIT_MS, lookMs = LOOK_MS } = {},
): Promise<void> => {
  const deadline = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}
