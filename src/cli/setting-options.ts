import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { type Config, envName, readConfig, SETTINGS } from '../config.ts'

/** The settings that a command may be given, as flags with the names, environment variables and meanings of `zennetd`. */
export const addSettingOptions = (command: CommandUnknownOpts, wanted: (name: keyof Config) => boolean): void => {
  command.option('--config <file>', 'config file, JSON [ZENNET_CONFIG]')
  for (const { name, about, fallback } of SETTINGS) {
    if (!wanted(name)) continue
    const flag = name.replace(/([A-Z])/g, '-$1').toLowerCase()
    const isList = Array.isArray(fallback)
    const shown =
      fallback === undefined || fallback === '' ? '' : ` (default: ${isList ? fallback.join(',') : fallback})`
    const option = new Option(`--${flag} <value>`, `${about}${shown} [${envName(name)}]`)
    // Of a list, each is added to those before.
    if (isList) option.argParser((value, before?: string) => (before ? `${before},${value}` : value))
    command.addOption(option)
  }
}

const NAMES: ReadonlySet<string> = new Set(['config', ...SETTINGS.map(({ name }) => name)])

/**
 * The config of a node that this command runs itself: its flags that are settings, over environment, file and defaults.
 * @throws as `readConfig`
 */
export const configOf = (
  flags: Readonly<Record<string, unknown>>,
  preset: Partial<Record<keyof Config, unknown>> = {},
): Config => {
  const given = Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => NAMES.has(name) && value !== undefined),
  )
  return readConfig({ flags: { ...preset, ...given }, env: process.env })
}
