import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { SessionMigration, UserLike } from 'latchkey'
import { onTestFinished } from 'vitest'
import type { OldApp } from './old-apps.ts'

const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/migrating.md'), 'utf8')
/** Beside the packages, so that they are found from there. */
const folder = path.join(import.meta.dirname, 'migrating/build')

/** The recipes of docs/migrating.md, by their names. */
export const guideRecipes: ReadonlyMap<string, string> = new Map(
  Array.from(guide.matchAll(/```ts ([\w-]+)\n([\s\S]*?)```/g), ([, name = '', code = '']) => [name, code]),
)

/** What a recipe makes, as it stands in the guide, over what the old app has. For one test. */
export async function guideRecipe(
  name: string,
  { exports, installedAs = name }: OldApp,
): Promise<SessionMigration<UserLike>> {
  mkdirSync(folder, { recursive: true })
  const at = mkdtempSync(path.join(folder, `${name}-`))
  onTestFinished(() => rmSync(at, { recursive: true, force: true }))
  const code = (guideRecipes.get(name) ?? '').replace(`'${name}'`, `'${installedAs}'`)
  Object.assign(globalThis, { [at]: exports })
  const names = Object.keys(exports).map(
    (one) => `export const ${one} = globalThis[${JSON.stringify(at)}].${one}\n`,
  )
  writeFileSync(path.join(at, 'old.ts'), names.join(''))
  writeFileSync(path.join(at, 'migrate.ts'), code)
  const made = (await import(path.join(at, 'migrate.ts'))) as { migrate: SessionMigration<UserLike> }
  return made.migrate
}
