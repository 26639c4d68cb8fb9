import { Told } from '../part/told.tsx'

export const UnknownLease = () => (
  <Told
    told={{
      code: 'not-found',
      message: 'This node has no such lease.',
      culprit: 'you',
      next: 'Look for it among the leases; each node knows those that it is a side of.',
    }}
  />
)
