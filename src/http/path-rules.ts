import { misconfigured } from '../base/options.ts'

/** Which paths require a user. */
export interface PathRuleOptions {
  /** Paths that require a user, with everything below them. Default: all paths. */
  readonly include?: readonly string[] | undefined
  /**
   * Paths that do not, with everything below them; `/` is the front page only. If two rules match a path, the
   * longer one counts. Default none.
   */
  readonly exclude?: readonly string[] | undefined
  /**
   * `true` if the router takes `/Admin` for `/admin`, as Express does: `include` then does so too. Default
   * false.
   */
  readonly ignoreCase?: boolean | undefined
}

type Segments = readonly string[]

/**
 * Returns the segments of a path in its canonical spelling: decoded once, dots resolved, slashes collapsed.
 * Returns `null` for a path that could mean one thing here and another further on: a second decoding would
 * change it, or it contains NUL, a backslash or an encoded slash.
 */
export function canonicalPath(pathname: string): Segments | null {
  const path = decoded(pathname)
  if (path === null || /%(2f|5c|00)/i.test(pathname) || /%[\da-f]{2}|[\\\0]/i.test(path)) return null
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments
}

/** Removes these suffixes from the end of a text, as often as they occur. */
function withoutSuffix(text: string, suffixes: readonly string[]): string {
  let end = text.length
  for (;;) {
    const suffix = suffixes.find((one) => text.endsWith(one, end))
    if (!suffix) return text.slice(0, end)
    end -= suffix.length
  }
}

/** Whether two spellings are the same text once they are decoded, with nothing resolved. */
export function isSamePath(one: string, other: string): boolean {
  return one === other || (decoded(one) ?? true) === decoded(other)
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** Plain paths, matched segment by segment: `/area` matches `/area` and `/area/x`, but not `/areal`. */
export class PathRules {
  readonly #include: readonly Segments[]
  readonly #exclude: readonly Segments[]
  readonly #isFrontPublic: boolean
  readonly #isSpelling: IsSame

  /**
   * @throws LatchkeyError `invalid_configuration` for anything but plain paths, and for rules that contradict
   * each other.
   */
  constructor({ include = [], exclude = [], ignoreCase = false }: PathRuleOptions) {
    this.#isSpelling = ignoreCase
      ? (rule, segment) => isSpelling(rule.toLowerCase(), segment.toLowerCase())
      : isSpelling
    const excluded = segmentsOf('exclude', exclude)
    this.#isFrontPublic = excluded.some(({ length }) => length === 0)
    this.#exclude = excluded.filter(({ length }) => length > 0)
    const included = segmentsOf('include', include)
    if (this.#isFrontPublic && included.length > 0)
      misconfigured('`exclude` "/", the front page, has no effect beside `include`.')
    this.#include = included.length > 0 ? included : [[]]
    for (const segments of this.#exclude) {
      const rule = `/${segments.join('/')}`
      const depth = this.#depth(this.#include, segments, this.#isSpelling)
      if (depth < 0) misconfigured(`\`exclude\` "${rule}" is not below any \`include\` and has no effect.`)
      if (depth === segments.length) misconfigured(`"${rule}" is both included and excluded.`)
    }
  }

  /**
   * Whether a path requires a user; `null` for an ambiguous path. Fails closed: every spelling that a router
   * might take for an included path is included, and only the exact spelling is excluded.
   *
   * @param page The path that the router takes it for, if the adapter knows that this requests a page's data.
   */
  isProtected(pathname: string, page: string = pathname): boolean | null {
    const path = canonicalPath(pathname)
    const routed = canonicalPath(page)
    if (!path || !routed) return null
    if (page === '/' && this.#isFrontPublic) return false
    // Not every router collapses slashes: `/area//public` may reach the handler of `/area/*`.
    const lifted = page.includes('//') ? -1 : this.#depth(this.#exclude, routed)
    const included = [path, routed].map((one) => this.#depth(this.#include, one, this.#isSpelling))
    return Math.max(...included) > lifted
  }

  /** The length of the longest rule that matches this path; -1 if none does. */
  #depth(rules: readonly Segments[], path: Segments, isSame: IsSame = Object.is): number {
    const depths = rules.map((rule) =>
      rule.every((segment, i) => isSame(segment, path[i] ?? '')) ? rule.length : -1,
    )
    return Math.max(-1, ...depths)
  }
}

/** Whether a segment of a path matches that of a rule. */
type IsSame = (rule: string, segment: string) => boolean

/** What routers take for a segment. `admin.data` is one such spelling: it requests the data of the page. */
const isSpelling: IsSame = (rule, segment) =>
  withoutSuffix(segment, ['.data', '.rsc']) === withoutSuffix(rule, ['.data', '.rsc'])

function segmentsOf(name: string, rules: unknown): Segments[] {
  if (!Array.isArray(rules)) misconfigured(`\`${name}\` must be a list of paths.`)
  return rules.map((rule: unknown) => {
    const segments = typeof rule === 'string' && !/[?#*%]/.test(rule) ? canonicalPath(rule) : null
    if (segments && rule === `/${segments.join('/')}`) return segments
    return misconfigured(
      `\`${name}\` takes plain paths such as "/admin", without a trailing slash, dots, escapes or patterns.`,
    )
  })
}
