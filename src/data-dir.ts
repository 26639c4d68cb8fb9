import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** `$XDG_STATE_HOME/zennet`, else `~/.local/state/zennet`. */
export const defaultDataDir = (env: Environment): string =>
  join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'zennet')

/** `$XDG_CONFIG_HOME/zennet`, else `~/.config/zennet`. */
export const defaultConfigDir = (env: Environment): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'zennet')
