import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { RUNTIMES } from './binaries.ts'
import { installInto, pack, run } from './packed.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc')
const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-types-'))
const project = path.join(scratch, 'project')

// Theirs are not the globals of Node, so that the repository's own check leaves these examples out.
beforeAll(async () => {
  const tarball = await pack(scratch, { types: true })
  await installInto(project, ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball])
  for (const name of ['bun', 'deno', 'workers'])
    cpSync(path.join(ROOT, 'docs/examples', name), path.join(project, name), {
      recursive: true,
      filter: (file) => !/\/(node_modules|\.wrangler)$/.test(file),
    })
}, 240_000)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** `tsc` as strict as we know it, in a folder of the project. */
async function check(name: string, types: readonly string[], lib: readonly string[]): Promise<void> {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2023',
    allowImportingTsExtensions: true,
    lib,
    types,
    typeRoots: [path.join(import.meta.dirname, 'node_modules/@types')],
  }
  const folder = path.join(project, name)
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  await run([process.execPath, TSC], folder)
}

test('the example for Bun has its types right', { timeout: 120_000 }, () =>
  check('bun', ['bun'], ['es2023', 'dom']),
)

test('the example for Workers has its types right', { timeout: 120_000 }, () =>
  check('workers', [], ['es2023', 'webworker']),
)

test('the example for Deno has its types right', { timeout: 120_000 }, async () => {
  const [deno] = RUNTIMES.deno
  await run([deno, 'check', '--no-lock', 'main.ts'], path.join(project, 'deno'))
})
