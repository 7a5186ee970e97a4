import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const lockFiles = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*package-lock.json'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .trim()
  .split('\n')

interface Locked {
  readonly resolved?: string
  readonly optionalDependencies?: Record<string, string>
}

/** `npm ci` refuses a lock file without the packages of other platforms: decision 007. */
describe.each(lockFiles)('%s', (file) => {
  const { packages } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as {
    packages: Record<string, Locked>
  }

  test('names every optional package', () => {
    const missing = Object.entries(packages).flatMap(([at, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !foldersAbove(at).some((above) => `${above}node_modules/${name}` in packages),
      ),
    )
    expect(missing).toEqual([])
  })

  test('names no registry', () => {
    expect(
      Object.entries(packages).filter(([, { resolved }]) => /^(https?|git)/.test(resolved ?? '')),
    ).toEqual([])
  })
})

/** `a/node_modules/b` looks in its own folder, then in that of `a`, then at the root. */
function foldersAbove(at: string): string[] {
  const parts = at === '' ? [] : at.split('/node_modules/')
  return ['', ...parts.map((_, i) => `${parts.slice(0, i + 1).join('/node_modules/')}/`)]
}
