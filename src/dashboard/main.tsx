import { render } from 'preact'
import { readToken } from './api/token.ts'
import { App } from './app.tsx'
import { followLinks } from './route.ts'
import { chooseScheme } from './scheme.ts'
import './style/base.css'
import './style/part.css'

readToken()
chooseScheme()
followLinks()
render(<App />, document.getElementById('app')!)
