import { misconfigured } from '../../base/options.ts'

const SCHEME = /^[!#$%&'*+.^_`|~\w-]+$/
/** RFC 9110, 11.2. */
const TOKEN68 = /^[\w.~+/-]+=*$/
/** RFC 6749, appendix A.4. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** What follows the scheme in `Authorization`; `null` when the header is missing or of another scheme. */
export function credentialsOf({ headers }: Request, scheme: string): string | null {
  const header = headers.get('authorization') ?? ''
  const from = skipBlanks(header, 0, 1)
  const to = skipBlanks(header, header.length - 1, -1) + 1
  const space = header.indexOf(' ', from)
  const end = space < 0 || space > to ? to : space
  if (header.slice(from, end).toLowerCase() !== scheme.toLowerCase()) return null
  // RFC 9110, 11.4: one or more spaces, and then the credentials. A tab is not a space.
  let begin = end
  while (begin < to && header[begin] === ' ') begin++
  return header.slice(begin, to)
}

/**
 * The first position from `at` on, in steps of `step`, that holds neither space nor tab. Some runtimes hand header
 * values over untrimmed. A loop, because `/[ \t]+$/` takes quadratic time on blanks inside of the value.
 */
function skipBlanks(text: string, at: number, step: 1 | -1): number {
  let position = at
  while (text[position] === ' ' || text[position] === '\t') position += step
  return position
}

export const isToken68 = (text: string): boolean => text.length <= 8192 && TOKEN68.test(text)

/** A scope that may stand in a header. */
export const isScope = (scope: unknown): scope is string => typeof scope === 'string' && SCOPE.test(scope)

/** @throws LatchkeyError `invalid_configuration` */
export function checkScheme(scheme: string): string {
  if (typeof scheme === 'string' && SCHEME.test(scheme)) return scheme
  return misconfigured(
    'The scheme of a token is one word of letters, digits and "-" (RFC 9110, 11.1), such as "Token".',
  )
}

/** A realm is shown to people; what no header can carry is refused when it is configured. */
export function checkRealm(realm: unknown): string {
  if (typeof realm === 'string' && /^[\x20-\x7e]*$/.test(realm)) return realm
  return misconfigured('`realm` is a text of printable ASCII.')
}

/** RFC 9110, 5.6.4. */
export const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** `Scheme realm="…", name="value"`, without what is `undefined`. */
export function challengeOf(
  scheme: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  )
  return `${scheme} ${pairs.join(', ')}`
}
