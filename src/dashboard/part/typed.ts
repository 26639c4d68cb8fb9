/** What a field holds, as a whole number so many times as large; null: it is empty. */
export const wholeOf = (text: string, times = 1): number | null =>
  text.trim() === '' ? null : Math.round(Number(text) * times)
