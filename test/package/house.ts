import path from 'node:path'

/** Imports of nouns by name: what `src/<folder>/` may import from the root of `src`, since it is no verb. */
const NO_VERBS = [
  'errors',
  'maybe-promise',
  'bounded-map',
  'engine',
  'login-context',
  'login-settings',
  'throttle',
  'events',
]
/** Who speaks to whom outside. */
const DOORS: Record<string, RegExp> = {
  'iron-webcrypto': /^src\/crypto\/seal\.ts$/,
  '@noble/hashes': /^src\/(crypto\/digest|password\/.+)\.ts$/,
  hono: /^adapters\/hono\/.+\.ts$/,
  next: /^adapters\/next\/.+\.ts$/,
}

export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const statements = code.matchAll(
    /(?:^|\n)(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  )
  return Array.from(statements, ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '')
}

/** Why `file` may not import `target`, or `null`. */
export function objection(file: string, target: string): string | null {
  if (!target.startsWith('.')) return objectionToPackage(file, target)
  const to = path.join(path.dirname(file), target)
  const [room] = file.split('/')
  if (room === 'src' && !to.startsWith('src/')) return 'src imports from src alone'
  if (room === 'adapters') {
    const own = file.split('/').slice(0, 2).join('/')
    return to.startsWith(`${own}/`) ? null : 'an adapter enters by the front door, by name'
  }
  const isNoun = file.split('/').length > 2 && !file.startsWith('src/testing/')
  const isVerb = to.split('/').length === 2 && !NO_VERBS.includes(path.basename(to, '.ts'))
  return isNoun && isVerb ? 'nouns never import verbs' : null
}

function objectionToPackage(file: string, target: string): string | null {
  const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? '')
  if (name === 'latchkey') return file.startsWith('adapters/') ? null : 'src does not import itself by name'
  const door = DOORS[name]
  if (!door) return `nothing here speaks ${name}`
  return door.test(file) ? null : `this is not the door to ${name}`
}
