import path from 'node:path'

const modules = path.join(import.meta.dirname, 'node_modules')

/** Runtimes that are a program, and how each runs a file. */
export const RUNTIMES = {
  'node 20': [path.join(modules, 'node20/bin/node')],
  'node 22': [path.join(modules, 'node/bin/node')],
  'node 24': [path.join(modules, 'node24/bin/node')],
  'node 26': [path.join(modules, 'node26/bin/node')],
  bun: [path.join(modules, '.bin/bun'), '--bun'],
  deno: [path.join(modules, '.bin/deno'), 'run', '--allow-all', '--no-lock'],
} as const

export type RuntimeName = keyof typeof RUNTIMES

/** What keeps them from asking anybody about newer versions. */
export const QUIET: NodeJS.ProcessEnv = { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
