import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { transformSync } from 'esbuild'
import type { MiddlewareHandler } from 'hono'
import type { Store } from 'hono-sessions'

/** What docs/hono.md has its readers copy. */
interface Guide {
  endedStaysEnded(store: Store): Store
  awaitedStorage(storage: object): MiddlewareHandler
}

const root = path.resolve(import.meta.dirname, '../../..')
const page = readFileSync(path.join(root, 'docs/hono.md'), 'utf8')
const blocks = Array.from(page.matchAll(/```ts\n([\s\S]*?)```/g), ([, code = '']) => code)

/** Inside of the repository, so that packages are found from there. */
const folder = path.join(root, 'test/output/hono-guide')

async function block(name: string): Promise<Partial<Guide>> {
  const code = blocks.find((text) => text.includes(`export ${name}`)) ?? ''
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${name.replaceAll(/\W/g, '-')}-${process.pid}.mjs`)
  writeFileSync(file, transformSync(code, { loader: 'ts' }).code)
  const module: Partial<Guide> = await import(/* @vite-ignore */ file)
  rmSync(file)
  return module
}

export const guide: Guide = {
  ...(await block('function endedStaysEnded')),
  ...(await block('const awaitedStorage')),
} as Guide
