import path from 'node:path'

/** The house, from the top down: a file imports from its own wing, or from one further down. */
export const WINGS = [
  'request',
  'login',
  'identity',
  'stores',
  'session',
  'user',
  'password',
  'http',
  'crypto',
  'base',
] as const

/** The front door, and the one for adapters: all that lies at the root of `src`. */
export const DOORS = ['src/index.ts', 'src/adapter.ts']

/** Who speaks to whom outside. */
const PACKAGES: Record<string, RegExp> = {
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
  if (file.startsWith('adapters/')) {
    const own = file.split('/').slice(0, 2).join('/')
    return to.startsWith(`${own}/`) ? null : 'an adapter enters by the two doors, by name'
  }
  if (!to.startsWith('src/')) return 'src imports from src alone'
  if (DOORS.includes(file)) return null
  const [from, above] = [wingOf(file), wingOf(to)]
  if (from < 0 || above < 0) return 'what lies in no wing is a door, and no wing enters by a door'
  return above < from ? `an arrow up, from ${WINGS[from]} to ${WINGS[above]}` : null
}

/** The place of a file's wing, from the top; -1 for none. */
function wingOf(file: string): number {
  const [, wing, ...rest] = file.split('/')
  return rest.length > 0 ? (WINGS as readonly string[]).indexOf(wing ?? '') : -1
}

function objectionToPackage(file: string, target: string): string | null {
  const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? '')
  if (name === 'latchkey') {
    if (!file.startsWith('adapters/')) return 'src does not import itself by name'
    return target === 'latchkey' || target === 'latchkey/adapter' ? null : 'there are two doors'
  }
  const door = PACKAGES[name]
  if (!door) return `nothing here speaks ${name}`
  return door.test(file) ? null : `this is not the door to ${name}`
}

/** The files on a way through the imports that comes back to where it began; `null` when there is none. */
export function cycleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): string[] | null => {
    const at = way.indexOf(file)
    if (at >= 0) return [...way.slice(at), file]
    if (done.has(file)) return null
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next, [...way, file])
      if (cycle) return cycle
    }
    done.add(file)
    return null
  }
  for (const file of imports.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return null
}
