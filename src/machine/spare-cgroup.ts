import { weigh } from './namespace-cgroup.ts'

/** Above all leases of providers that lend spare cycles: weights compare siblings, so each lease's own would change nothing. */
export const SPARE_PARENT = '/zennet-spare'

/**
 * Makes that parent and gives it the least weight that the kernel knows: whoever else wants a core has it. Needs root.
 * @returns whether the kernel took it
 */
export const makeSpareParent = (): boolean => process.getuid?.() === 0 && weigh(SPARE_PARENT, 'least')

/** Does `work` with the usual weight: what gets no CPU at all cannot even be frozen. */
export const withWeight = async <T>(parent: string | undefined, work: () => Promise<T>): Promise<T> => {
  if (parent === undefined) return await work()
  weigh(parent, 'usual')
  try {
    return await work()
  } finally {
    weigh(parent, 'least')
  }
}

/**
 * How Docker names the cgroup above all leases. With the driver `systemd` it has to be a slice, in whose name a dash would be a level;
 * systemd may make it anew with the usual weight when the last lease of it has gone.
 */
export const parentOf = (name: string, cgroupDriver: string) => {
  const slice = `${name.replaceAll(/[^a-z]/g, '')}.slice`
  const path = cgroupDriver === 'systemd' ? `/${slice}` : name
  const isSpare = name === SPARE_PARENT
  return {
    name: cgroupDriver === 'systemd' ? slice : name,
    path: isSpare ? path : undefined,
    weigh: () => void (isSpare && weigh(path, 'least')),
  }
}
