/** What `/metrics` says of the program itself: seconds and bytes. */
export type ProcessFigures = {
  readonly startedS: number
  readonly memoryBytes: number
  readonly cpuS: number
  readonly loopLagS: number
  readonly files: number
  readonly mostFiles: number
  readonly subscriptions: number
}

const NAMES: Readonly<Record<keyof ProcessFigures, string>> = {
  startedS: 'process_start_time_seconds',
  memoryBytes: 'process_resident_memory_bytes',
  cpuS: 'process_cpu_seconds_total',
  loopLagS: 'nodejs_eventloop_lag_p99_seconds',
  files: 'process_open_fds',
  mostFiles: 'process_max_fds',
  subscriptions: 'zennet_graphql_subscriptions',
}

/** Reads them out of the text form of Prometheus, version 0.0.4; 0: it has no such line. */
export const processFigures = (text: string): ProcessFigures => {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([a-z_]\w*) (\S+)$/.exec(line) ?? []
      return name === undefined || !Number.isFinite(Number(value)) ? [] : [[name, Number(value)] as const]
    }),
  )
  return Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, values.get(name) ?? 0])) as ProcessFigures
}
