import { chosen } from '../part/choice.tsx'
import { Announcements } from './announcements.tsx'
import { Offers } from './offers.tsx'

const LISTS = { announcements: 'Wanted', offers: 'Offered' } as const

/** Both sides of the market: what is wanted, and what was offered to this node. */
export const Market = () => {
  const list = chosen('list', ['announcements', 'offers'])
  return (
    <>
      <div class="title">
        <h1>Market</h1>
        <nav aria-label="Sides of the market" class="row">
          {Object.entries(LISTS).map(([name, words]) => (
            <a
              key={name}
              class={name === list ? 'button' : 'button quiet'}
              href={name === 'announcements' ? '/market' : `/market?list=${name}`}
              aria-current={name === list ? 'page' : undefined}
            >
              {words}
            </a>
          ))}
        </nav>
      </div>
      {list === 'offers' ? <Offers /> : <Announcements />}
    </>
  )
}
