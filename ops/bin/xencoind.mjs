#!/usr/bin/env node
import { launch } from './launch.mjs'

// Megabytes for what is young. With the usual 16 a filling mempool leaves twice the memory that it holds in half empty pages.
launch('src/cli/xencoind.ts', ['--max-semi-space-size=8'])
