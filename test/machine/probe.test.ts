import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bestDriver, probeDocker } from '../../src/machine/probe.ts'
import {
  dockerSocket,
  scratchCgroup,
  scratchFolder,
  skipWithoutDocker,
  whyNoDocker,
} from '../docker/private-dockerd.ts'

let dataDir: string
let parent: { parentCgroup?: string }
beforeEach(async () => {
  dataDir = await scratchFolder()
  parent = process.getuid?.() === 0 ? { parentCgroup: await scratchCgroup() } : {}
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

describe('the probe', () => {
  it('says with a code that no Docker answers, and leaves nothing', async () => {
    const report = await probeDocker({ ...parent, dataDir, socketPath: join(dataDir, 'no.sock') })
    expect(report).toMatchObject({ name: 'docker', ok: false, code: 'machine.unavailable' })
    expect(readdirSync(dataDir)).toEqual([])
  })

  it('then tries namespaces', async () => {
    const { driver, reports } = await bestDriver({ ...parent, dataDir, socketPath: join(dataDir, 'no.sock') })
    expect(reports.map((one) => one.name)).toEqual(['docker', 'namespace'])
    expect(driver).toBe(reports[1]?.ok === true ? 'namespace' : undefined)
    expect(readdirSync(dataDir)).toEqual([])
  })

  it.skipIf(skipWithoutDocker())(`prefers a Docker that answers ${whyNoDocker() ?? ''}`, async () => {
    const { driver, reports } = await bestDriver({ ...parent, dataDir, socketPath: await dockerSocket() })
    expect(reports).toEqual([{ name: 'docker', ok: true }])
    expect(driver).toBe('docker')
    expect(readdirSync(dataDir)).toEqual([])
  })
})
