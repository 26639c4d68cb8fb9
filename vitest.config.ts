import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // As Node itself resolves it: Vite's conditions load a second build of graphql beside the one that every other package loads.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Real daemons, real blocks and a busy two-core machine: limits are generous, tests wait for facts and not for time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: ['test/docker/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
  },
})
