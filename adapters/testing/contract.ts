/** One requirement of a contract: pass `name` and `run` to your test runner. */
export interface ContractCase {
  /** The requirement as a sentence, such as `never creates by update`. */
  readonly name: string
  /** Checks it. Rejects with a {@link ContractError} if the store breaks it, or with what the store threw. */
  run(): Promise<void>
}

/** The error of a contract case whose requirement is not met. */
export class ContractError extends Error {
  /** Always `ContractError`. */
  override readonly name = 'ContractError'
}

/** Throws unless both are equal as JSON-like data: by value and type; `undefined` equals a missing key. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (isSame(actual, expected)) return
  throw new ContractError(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

/** Throws unless the condition is true. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new ContractError(what)
}

/** Waits for `work` to throw, and returns what it threw. Throws if it does not. */
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
