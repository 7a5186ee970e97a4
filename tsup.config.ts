import { existsSync, readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

/** The exports map is the table of contents: the file of each subpath, in `src` or in a folder of `adapters`. */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> }
export const entryFiles: Record<string, string> = Object.fromEntries(
  Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => {
      const name = subpath === '.' ? '' : subpath.slice(2)
      const file = [
        `src/${name}.ts`,
        `src/${name}/index.ts`.replace('//', '/'),
        `adapters/${name}/index.ts`,
      ].find(existsSync)
      if (!file) throw new Error(`package.json exports "${subpath}", but neither src nor adapters has it.`)
      return [name === '' ? 'index' : name, file]
    }),
)

const options: Options = {
  entry: entryFiles,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  // Adapters enter by the front door: one copy of the core, and of its classes.
  external: ['latchkey'],
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  clean: true,
  treeshake: true,
}

export default defineConfig(options)
