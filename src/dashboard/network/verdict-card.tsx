import type { ComponentChildren } from 'preact'
import type { Judgement } from './judgement.ts'

type Given = { readonly title: string; readonly of: Judgement; readonly children?: ComponentChildren }

/** A part of the node: good or not good in words, and what to do. */
export const VerdictCard = ({ title, of, children }: Given) => (
  <section class="card">
    <h2>
      {title}{' '}
      <span class={`state ${of.isGood ? 'good' : 'bad'}`}>
        <span aria-hidden="true">{of.isGood ? '✓' : '✗'}</span> {of.isGood ? 'good' : 'not good'}
      </span>
    </h2>
    <p aria-live="polite">
      {of.why} {of.next}
    </p>
    {children}
  </section>
)
