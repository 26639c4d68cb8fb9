import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { shownPosition } from './api/live.ts'
import { closeSocket } from './api/socket.ts'
import { token } from './api/token.ts'
import { SearchBox } from './chain/search-box.tsx'
import { Unread } from './notification/unread.tsx'
import { Equivalents } from './part/equivalents.tsx'
import { LiveBadge } from './part/live-badge.tsx'
import { Told } from './part/told.tsx'
import { path } from './route.ts'
import { nextScheme, scheme } from './scheme.ts'
import type { Screen } from './screen.ts'
import { SCREENS, screenAt } from './screens.ts'
import { Shortcuts } from './shortcut/shortcuts.tsx'
import { SignIn } from './sign-in.tsx'

const MENUS = ['Rent', 'Lend', 'Money', 'Network'] as const

export const App = () => {
  const isKnown = useComputed(() => token.value !== null)
  useEffect(() => closeSocket, [token.value])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M9 9h14L11.5 23H23" />
          </svg>
          Zennet
        </a>
        {isKnown.value && <Menu />}
        <div class="top-end">
          {isKnown.value && (
            <>
              <SearchBox />
              <LiveBadge />
              <Unread />
              <Shortcuts />
            </>
          )}
          <button type="button" class="quiet" onClick={nextScheme}>
            <span class="unseen">Colours: </span>
            {scheme.value}
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1} data-position={shownPosition}>
        {isKnown.value ? <Current key={token.value} /> : <SignIn />}
      </main>
      {isKnown.value && <Equivalents />}
    </>
  )
}

const Menu = () => {
  const current = screenAt(path.value)?.screen
  return (
    <nav aria-label="Screens">
      {MENUS.filter((menu) => SCREENS.some((screen) => screen.menu === menu)).map((menu) => (
        <ul key={menu} aria-label={menu}>
          {SCREENS.filter((screen) => screen.menu === menu).map((screen) => (
            <li key={screen.path}>
              <a href={screen.path} aria-current={screen === current ? 'page' : undefined}>
                {screen.title}
              </a>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  )
}

const Current = () => {
  const at = useComputed(() => screenAt(path.value))
  const found = at.value
  if (found === undefined)
    return (
      <Told
        told={{
          code: 'dashboard.no-page',
          message: `There is no page at ${path.value}.`,
          culprit: 'you',
          next: 'Choose one of the menu.',
        }}
      />
    )
  return <Loaded key={found.screen.path} screen={found.screen} given={found.given} />
}

type Loading = { readonly screen: Screen; readonly given: Readonly<Record<string, string>> }

/** A screen comes in a file of its own, which a node that was replaced meanwhile may not have any more. */
const Loaded = ({ screen, given }: Loading) => {
  const content = useSignal<{ readonly is: ComponentType<Readonly<Record<string, string>>> } | undefined>(undefined)
  const failed = useSignal(false)
  useEffect(() => {
    document.title = `${screen.title} · Zennet`
    screen.load().then(
      (is) => {
        content.value = { is }
      },
      () => {
        failed.value = true
      },
    )
  }, [screen])
  if (failed.value)
    return (
      <Told
        told={{
          code: 'dashboard.not-loaded',
          message: 'This page could not be loaded.',
          culprit: 'host',
          next: 'Load it again; the node may have been stopped or replaced.',
        }}
      />
    )
  const Content = (content as ReadonlySignal<typeof content.value>).value?.is
  return Content === undefined ? <p class="loading">Loading…</p> : <Content key={JSON.stringify(given)} {...given} />
}
