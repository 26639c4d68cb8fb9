import type { OtherRules } from './other-rules.ts'

type Given = {
  readonly rules: OtherRules
  readonly set: (changes: Partial<OtherRules>) => void
  /** Everybody is trusted already. */
  readonly isTrusting: boolean
}

/** Sliders and fields for rules that are only tried. */
export const RuleFields = ({ rules, set, isTrusting }: Given) => (
  <div>
    <label>
      Prices: {rules.pricePercent} % of now
      <input
        type="range"
        min={5}
        max={300}
        step={5}
        value={rules.pricePercent}
        onInput={(event) => set({ pricePercent: event.currentTarget.value })}
      />
    </label>
    <label>
      Down to: {rules.floorPercent === '' ? 'as now' : `${rules.floorPercent} % of the price asked`}
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={rules.floorPercent === '' ? '100' : rules.floorPercent}
        onInput={(event) => set({ floorPercent: event.currentTarget.value })}
      />
    </label>
    <div class="fields">
      <label>
        Longest lease, hours
        <input
          type="number"
          min={0.1}
          step="any"
          value={rules.maxHours}
          onInput={(event) => set({ maxHours: event.currentTarget.value })}
        />
      </label>
      <label>
        Leases at a time
        <input
          type="number"
          min={0}
          value={rules.maxLeases}
          onInput={(event) => set({ maxLeases: event.currentTarget.value })}
        />
      </label>
      <label>
        Images <span class="faint">with commas; empty: as now</span>
        <input type="text" value={rules.images} onInput={(event) => set({ images: event.currentTarget.value })} />
      </label>
      <label>
        Announcements of
        <select value={rules.days} onChange={(event) => set({ days: event.currentTarget.value })}>
          <option value="1">the last day</option>
          <option value="3">the last three days</option>
          <option value="7">the last week</option>
        </select>
      </label>
    </div>
    <label class="choice">
      <input
        type="checkbox"
        checked={rules.internet}
        onChange={(event) => set({ internet: event.currentTarget.checked })}
      />
      Let machines reach the internet
    </label>
    {!isTrusting && (
      <label class="choice">
        <input
          type="checkbox"
          checked={rules.trustAnybody}
          onChange={(event) => set({ trustAnybody: event.currentTarget.checked })}
        />
        Lend to everybody, not only to trusted keys
      </label>
    )}
  </div>
)
