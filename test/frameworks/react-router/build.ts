import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { install } from '../../engines/install.mjs'

const here = import.meta.dirname
const root = path.resolve(here, '../../..')
const REACT_ROUTER = path.join(here, 'node_modules/@react-router/dev/bin.cjs')
const example = path.join(root, 'docs/examples/react-router')

/** Builds the app of this folder: where it is. Prints to stderr alone. */
export function buildApp(): Promise<string> {
  return builtOnce('app', ['vite.config.ts', 'react-router.config.ts', 'app'], (folder) =>
    run(here, [REACT_ROUTER, 'build'], { BUILD_DIRECTORY: path.relative(here, folder) }),
  )
}

/** Builds a copy of docs/examples/react-router over the sources of this repository, and checks its types. */
export function buildExample(): Promise<string> {
  const sources = ['src', 'adapters/react-router'].map((source) => path.join(root, source))
  return builtOnce('example', ['example.vite.config.ts', example, ...sources], async (folder) => {
    cpSync(example, folder, {
      recursive: true,
      filter: (file) => !/node_modules|build|\.react-router/.test(path.relative(example, file)),
    })
    renameSync(path.join(folder, 'vite.config.ts'), path.join(folder, 'vite.own.config.ts'))
    cpSync(path.join(here, 'example.vite.config.ts'), path.join(folder, 'vite.config.ts'))
    await run(folder, [REACT_ROUTER, 'build'], { LATCHKEY: root })
    await run(folder, [REACT_ROUTER, 'typegen'])
    const paths = {
      latchkey: [`${root}/src/index.ts`],
      'latchkey/*': [`${root}/src/*.ts`, `${root}/src/*/index.ts`, `${root}/adapters/*/index.ts`],
    }
    const config = { extends: './tsconfig.json', compilerOptions: { paths } }
    writeFileSync(path.join(folder, 'tsconfig.paths.json'), JSON.stringify(config))
    await run(folder, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.paths.json'])
  })
}

/** Makes a folder from these sources, unless it has been made from just these. Two processes at once do not meet. */
async function builtOnce(
  name: string,
  sources: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  install('frameworks/react-router')
  const folder = path.join(here, 'build', `${name}-${fingerprint(sources)}`)
  if (existsSync(folder)) return folder
  console.error(`building test/frameworks/react-router: ${name} (once)`)
  mkdirSync(path.dirname(folder), { recursive: true })
  const unfinished = mkdtempSync(`${folder}-`)
  await make(unfinished)
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    rmSync(unfinished, { recursive: true })
  }
  return folder
}

async function run(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${args.join(' ')} failed.`)
}

function fingerprint(sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of ['package-lock.json', ...sources].flatMap(filesOf)) {
    hash.update(path.relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(source: string): string[] {
  const whole = path.resolve(here, source)
  if (path.extname(whole) !== '') return [whole]
  return readdirSync(whole, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/node_modules/.test(entry.parentPath.slice(whole.length)))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
}
