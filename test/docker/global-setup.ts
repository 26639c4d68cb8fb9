import type { TestProject } from 'vitest/node'
import { startGuard } from './private-dockerd.ts'

/** One dockerd for all test files of a run, started when a test first asks for it. */
export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  if (process.getuid?.() !== 0) {
    project.provide('dockerGuard', '')
    return undefined
  }
  const guard = await startGuard()
  project.provide('dockerGuard', guard.folder)
  return guard.stop
}
