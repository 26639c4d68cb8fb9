import { useLive } from '../api/live.ts'
import { Screen } from '../part/screen.tsx'
import { Awaited } from '../post/awaited.tsx'
import { MEANS } from '../post/means.ts'
import { parameters, setParameters } from '../route.ts'
import { FirstRent } from './first-rent.tsx'
import { Steps } from './steps.tsx'

/** From nothing to a machine: what is there, what is missing, and one button. */
export const Begin = () => {
  const live = useLive(MEANS, {}, ['wallet', 'chain'])
  const posted = parameters.value.get('posted') ?? ''
  return (
    <Screen title="Your first machine" cli={['zennet wallet receive', 'zennet rent', 'zennet doctor']} live={live}>
      {(begun) =>
        posted !== '' ? (
          <Awaited txid={posted} again={() => setParameters({ posted: '' })} />
        ) : (
          <>
            <p>
              Machines of strangers, paid by the second: whoever stops keeping the agreement loses at most a few
              seconds. This is what a first one needs:
            </p>
            <Steps of={begun} />
            <FirstRent begun={begun} />
          </>
        )
      }
    </Screen>
  )
}
