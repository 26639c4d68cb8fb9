import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/**
 * Writes a private file (0600, in a folder made 0700) that is there whole or not at all, also after a power cut.
 *
 * @returns false when `path` exists already; it is left as it is
 */
export const writeNewFile = async (path: string, content: string, temporarySuffix: string): Promise<boolean> => {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${temporarySuffix}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    if (!(await placeNew(temporary, path))) return false
    await syncFolder(folder)
    return true
  } finally {
    await rm(temporary, { force: true })
  }
}

/** A hard link, unlike a rename, never replaces: two programs that make a keystore at once cannot lose one another's seed. */
const placeNew = async (temporary: string, path: string): Promise<boolean> => {
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // No hard links here (FAT, some network folders): look first, then rename.
    if (await exists(path)) return false
    await rename(temporary, path)
    return true
  }
}

const exists = async (path: string): Promise<boolean> => {
  try {
    await (await open(path, 'r')).close()
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return // a folder cannot be opened there
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
