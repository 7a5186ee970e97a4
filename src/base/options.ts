import { LatchkeyError } from './errors.ts'

/** Throws `invalid_configuration`. `message` names the option and the fix. */
export function misconfigured(message: string): never {
  throw new LatchkeyError('invalid_configuration', message)
}

/** Throws for options that do not exist: a misspelt one would be a protection that is silently off. */
export function refuseUnknown(options: object): void {
  for (const name in options) misconfigured(`No option \`${name}\`. Is it misspelt?`)
}

const TEN_YEARS = 315_360_000

/** A span of time in seconds, `least` to `most` (default ten years). Throws for anything else. */
export function checkSeconds(name: string, seconds: unknown, least = 1, most: number = TEN_YEARS): number {
  if (typeof seconds === 'number' && seconds >= least && seconds <= most) return seconds
  return misconfigured(`\`${name}\` must be a number of seconds from ${least} to ${most}.`)
}

/** A whole number from `least` (default 1). Throws for anything else. */
export function checkCount(name: string, count: unknown, least = 1): number {
  if (Number.isInteger(count) && (count as number) >= least) return count as number
  return misconfigured(`\`${name}\` must be a whole number from ${least}.`)
}

/** Throws unless `value` has all of these methods. */
export function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  for (const method of methods) {
    if (typeof (value as Record<string, unknown> | null | undefined)?.[method] !== 'function')
      misconfigured(`\`${name}\` needs a method \`${method}\`.`)
  }
}
