import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const folder = path.join(root, 'test/output/next-docs')
const packages = '../../frameworks/next/node_modules'

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Those of other pages are checked by test/package; these need Next, and each other. */
test('the code in docs/next.md compiles, as the app that it makes together', () => {
  const page = readFileSync(path.join(root, 'docs/next.md'), 'utf8')
  const files = Array.from(page.matchAll(/```tsx\n\/\/ (\S+)\n([\s\S]*?)```/g))
  expect(files.length).toBe(page.match(/```tsx/g)?.length)
  expect(files.length).toBeGreaterThan(7)
  for (const [, name = '', code = ''] of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), `${code}\nexport {}\n`)
  }
  const config = {
    extends: '../../tsconfig.json',
    include: ['.'],
    exclude: [],
    compilerOptions: {
      jsx: 'react-jsx',
      paths: {
        latchkey: ['../../../src/index.ts'],
        'latchkey/*': ['../../../src/*.ts', '../../../src/*/index.ts', '../../../adapters/*/index.ts'],
        'next/headers.js': [`${packages}/next/headers.d.ts`],
        next: [`${packages}/next`],
        'next/*': [`${packages}/next/*`],
        react: [`${packages}/@types/react`],
        'react/*': [`${packages}/@types/react/*`],
      },
    },
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { stdout } = spawnSync('node', [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
})
