/** A part of a path as it was meant; one that is not well formed as it is, which then names nothing. */
export const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
