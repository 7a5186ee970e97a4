import { readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const adapters = readdirSync(path.join(root, 'adapters'))

const SOURCES: Record<string, string> = {
  latchkey: path.join(root, 'src/index.ts'),
  'latchkey/adapter': path.join(root, 'src/adapter.ts'),
  'latchkey/password': path.join(root, 'src/password/index.ts'),
  ...Object.fromEntries(
    adapters.map((name) => [`latchkey/${name}`, path.join(root, 'adapters', name, 'index.ts')]),
  ),
}

/** For CommonJS packages, which esbuild leaves a `require`. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire('file:///worker.mjs');"

export interface BundleOptions {
  /** Where our names lead, in place of the sources. */
  readonly alias?: Record<string, string>
  /** What is left to the runtime to find: by default what it has built in. `packages`: other packages as well. */
  readonly external?: readonly string[]
  readonly packages?: 'external'
  /** For workerd with `nodejs_compat`, as wrangler does it: modules of Node by any name, and packages' own code for it. */
  readonly nodeCompat?: boolean
}

/** A test's file and all that it imports, as one module for a runtime that cannot resolve our names by itself. */
export async function bundled(
  file: string,
  { alias = SOURCES, external = [], packages, nodeCompat = false }: BundleOptions = {},
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'test', file)],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    write: false,
    external: ['node:*', 'bun:*', ...(nodeCompat ? [...builtinModules, 'cloudflare:*'] : []), ...external],
    ...(packages ? { packages } : {}),
    ...(nodeCompat ? { conditions: ['workerd'], banner: { js: REQUIRE } } : {}),
    alias,
  })
  return outputFiles[0]?.text ?? ''
}
