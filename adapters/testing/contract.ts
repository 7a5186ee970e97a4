/** One promise of a port, as a sentence and what checks it. `run` throws when it is broken. */
export interface ContractCase {
  readonly name: string
  run(): Promise<void>
}

/** A promise was broken. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
}

/** Compares as JSON-like data: by value, with types, `undefined` and missing alike. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (isSame(actual, expected)) return
  throw new ContractError(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new ContractError(what)
}

/** Waits for `work` to throw; what it threw. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new ContractError('expected an exception, got none')
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) =>
    isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value)
}
