import { signal } from '@preact/signals'
import { go } from '../route.ts'
import { type Newest, newest } from './newest.ts'
import { pageOf, titleOf } from './words.ts'

const NAME = 'zennet-notify'

/** `no`: the person or the browser said so, or it cannot. */
export type Permission = 'off' | 'on' | 'no'

const now = (): Permission => {
  if (!('Notification' in globalThis) || Notification.permission === 'denied') return 'no'
  try {
    return Notification.permission === 'granted' && localStorage.getItem(NAME) === 'on' ? 'on' : 'off'
  } catch {
    return 'off'
  }
}

/** Whether this browser also tells of what is new when the page is not in sight. */
export const permission = signal<Permission>(now())

/** Called on a click, and never by itself: it asks the person. */
export const turnOn = async (): Promise<void> => {
  if ('Notification' in globalThis) await Notification.requestPermission()
  try {
    localStorage.setItem(NAME, 'on')
  } catch {
    // Not kept: it is off after the next load.
  }
  permission.value = now()
}

export const turnOff = (): void => {
  try {
    localStorage.removeItem(NAME)
  } catch {
    // It was not kept either.
  }
  permission.value = 'Notification' in globalThis ? 'off' : 'no'
}

const tell = (notice: Newest): void => {
  const shown = new Notification(titleOf(notice), { body: notice.next ?? '', tag: `zennet-${notice.id}` })
  shown.onclick = () => {
    focus()
    const page = pageOf(notice)
    if (page !== undefined) go(page)
    shown.close()
  }
}

/** Tells of what comes from now on, while the page is hidden. @returns ends it */
export const tellElsewhere = (): (() => void) => {
  let toldTo = -1
  return newest.subscribe(({ rows, head }) => {
    const fresh = rows.filter(({ position }) => toldTo >= 0 && Number(position) > toldTo)
    if (head > 0) toldTo = Math.max(toldTo, head)
    if (permission.peek() !== 'on' || document.visibilityState === 'visible') return
    for (const notice of fresh) tell(notice)
  })
}
