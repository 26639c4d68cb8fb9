import type { ComponentChildren } from 'preact'

/** What may be wider than a phone: scrolls by itself, also by the keyboard. */
export const Wide = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <section class="wide" tabIndex={0} aria-label={label}>
    {children}
  </section>
)
