import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeGuide } from './guide-files.ts'

const root = path.resolve(import.meta.dirname, '../..')
/** Inside of the repository, so that packages are found from there. */
const folder = path.join(root, 'test/output/snippets')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Every \`\`\`ts block of a page, as a module of its own. */
function snippetsOf(page: string): string[] {
  return Array.from(
    readFileSync(path.join(root, page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
    ([, code]) => code ?? '',
  )
}

test('the code in the documentation compiles', () => {
  const pages = [
    'README.md',
    ...readdirSync(path.join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]
  mkdirSync(folder, { recursive: true })
  let count = 0
  for (const page of pages) {
    for (const code of snippetsOf(page)) {
      count++
      writeFileSync(path.join(folder, `${page.replaceAll(/\W/g, '-')}-${count}.ts`), `${code}\nexport {}\n`)
    }
  }
  expect(count).toBeGreaterThan(5)
  writeGuide(path.join(folder, 'guide'))
  const config = {
    extends: '../../tsconfig.json',
    include: ['.'],
    exclude: [],
    compilerOptions: { noUnusedLocals: false },
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { stdout } = spawnSync('node', [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
}, 120_000)

test('the login view in the README is no longer than the one it comes from', () => {
  const view =
    /app\.post\('\/login'[\s\S]*?\n\}\)\n/.exec(readFileSync(path.join(root, 'README.md'), 'utf8'))?.[0] ?? ''
  // imia's: def, form, login, if, redirect, redirect, and the decorator or route.
  expect(view.trim().split('\n').length).toBeLessThanOrEqual(7)
  expect(view).toContain('auth.login(')
})
