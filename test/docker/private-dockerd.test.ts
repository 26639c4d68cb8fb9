import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { dockerSocket, skipWithoutDocker, startGuard, whyNoDocker } from './private-dockerd.ts'

describe.skipIf(skipWithoutDocker())(`the private dockerd ${whyNoDocker() ?? ''}`, () => {
  it('answers', async () => {
    const version = await new Docker({ socketPath: await dockerSocket() }).version()
    expect(version.ApiVersion).toMatch(/^1\./)
  })
})

describe.skipIf(process.getuid?.() !== 0)('the guard of the private dockerd (needs root)', () => {
  it('leaves no folder, mount or process behind', async () => {
    const guard = await startGuard()
    const mount = join(guard.folder, 'left')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', 'none', mount])
    await guard.stop()
    expect(existsSync(guard.folder)).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(guard.folder)
  })
})
