import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const packages = path.join(root, 'test/frameworks/node/node_modules')

/** Other pages import nothing that is not installed at the root; this one does, and says so behind `ts`. */
test('the code in docs/node.md compiles against the frameworks that it is about', () => {
  const folder = path.join(root, 'test/output/node-guide')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(folder, { recursive: true })
  const guide = readFileSync(path.join(root, 'docs/node.md'), 'utf8')
  const blocks = Array.from(guide.matchAll(/```ts [\w-]+\n([\s\S]*?)```/g), ([, code]) => code)
  expect(blocks).toHaveLength(8)
  for (const [i, code] of blocks.entries())
    writeFileSync(path.join(folder, `${i}.ts`), `${code}\nexport {}\n`)
  const config = {
    extends: '../../tsconfig.json',
    include: ['.'],
    exclude: [],
    compilerOptions: {
      paths: {
        latchkey: [path.join(root, 'src/index.ts')],
        'latchkey/*': [
          path.join(root, 'src/*.ts'),
          path.join(root, 'src/*/index.ts'),
          path.join(root, 'adapters/*/index.ts'),
        ],
        '*': [`${packages}/@types/*`, `${packages}/*`],
      },
    },
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  expect(spawnSync('node', [tsc, '-p', folder], { encoding: 'utf8' }).stdout).toBe('')
})
