import { misconfigured } from '../../base/options.ts'

const SCHEME = /^[!#$%&'*+.^_`|~\w-]+$/
/** RFC 9110, 11.2. */
const TOKEN68 = /^[\w.~+/-]+=*$/
/** RFC 6749, appendix A.4. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** What follows the scheme in `Authorization`; `null` when the header is missing or of another scheme. */
export function credentialsOf({ headers }: Request, scheme: string): string | null {
  const header = headers.get('authorization') ?? ''
  // Some runtimes hand header values over untrimmed. A loop, since `/[ \t]+$/` takes quadratic time on blanks inside.
  let end = header.length
  while (/[ \t]/.test(header.charAt(end - 1))) end--
  // RFC 9110, 11.4: a scheme, one or more spaces, and the credentials. A tab is not a space.
  const [, found = '', credentials = ''] = /^[ \t]*([^ ]*) *(.*)$/s.exec(header.slice(0, end)) ?? []
  return found.toLowerCase() === scheme.toLowerCase() ? credentials : null
}

/** The whole header, for `credentialOf`. */
export const authorizationOf = ({ headers }: Request): string | null => headers.get('authorization')

/** Whether the header holds one token under this scheme. */
export function hasToken68(request: Request, scheme: string): boolean {
  const token = credentialsOf(request, scheme)
  return token !== null && isToken68(token)
}

export const isToken68 = (text: string): boolean => text.length <= 8192 && TOKEN68.test(text)

/** A scope that may stand in a header. */
export const isScope = (scope: unknown): scope is string => typeof scope === 'string' && SCOPE.test(scope)

/** @throws LatchkeyError `invalid_configuration` */
export function checkScheme(scheme: string): string {
  if (typeof scheme === 'string' && SCHEME.test(scheme)) return scheme
  return misconfigured(
    'The scheme of a token must be one word of letters, digits and "-" (RFC 9110, 11.1), such as "Token".',
  )
}

/** A realm is shown to people; what no header can carry is refused when it is configured. */
export function checkRealm(realm: unknown): string {
  if (typeof realm === 'string' && /^[\x20-\x7e]*$/.test(realm)) return realm
  return misconfigured('`realm` must be printable ASCII.')
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
