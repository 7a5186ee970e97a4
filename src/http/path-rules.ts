import { misconfigured } from '../base/options.ts'

export interface PathRuleOptions {
  /** Where a user is required: these paths and all below them. Default everywhere. */
  readonly include?: readonly string[]
  /**
   * Where none is: these paths and all below them; `/` is the front page alone. Of two rules for a path the longer one
   * counts. Default none.
   */
  readonly exclude?: readonly string[]
  /** `true` where the router takes `/Admin` for `/admin`, as Express does: `include` then does as well. Default false. */
  readonly ignoreCase?: boolean
}

type Segments = readonly string[]

/**
 * The segments of a path in the one spelling that counts: decoded once, dots resolved, slashes collapsed. `null` for a
 * path that could mean one thing here and another further on: one that a second decoding would change, or that holds
 * NUL, a backslash or an encoded slash.
 */
export function canonicalPath(pathname: string): Segments | null {
  if (/%(2f|5c|00)/i.test(pathname)) return null
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (/%[\da-f]{2}|[\\\0]/i.test(path)) return null
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments
}

/**
 * The page that a framework's own fetch for its data is about. React Router and Remix ask for the data of `/admin` by
 * `/admin.data`, some versions also when the suffix is repeated, and for those of `/` by `/_root.data` or `/_.data`.
 */
export function pageOf(pathname: string, dataSuffix: string | undefined): string {
  if (!dataSuffix || !pathname.endsWith(dataSuffix)) return pathname
  return withoutSuffix(pathname, [dataSuffix]).replace(/\/_(?:root)?$/, '/')
}

/** What is left of a text when these suffixes are taken away as often as they come. */
function withoutSuffix(text: string, suffixes: readonly string[]): string {
  let end = text.length
  const suffixAt = (): string | undefined => suffixes.find((suffix) => text.endsWith(suffix, end))
  for (let suffix = suffixAt(); suffix; suffix = suffixAt()) end -= suffix.length
  return text.slice(0, end)
}

/** Whether two spellings come to one text when they are decoded, with nothing resolved. */
export function isSamePath(one: string, other: string): boolean {
  try {
    return one === other || decodeURIComponent(one) === decodeURIComponent(other)
  } catch {
    return false
  }
}

/** Plain paths, matched segment by segment: `/area` is `/area` and `/area/x`, and not `/areal`. */
export class PathRules {
  readonly #include: readonly Segments[]
  readonly #exclude: readonly Segments[]
  readonly #isFrontPublic: boolean
  readonly #ignoreCase: boolean

  /** @throws LatchkeyError `invalid_configuration` for what is no plain path, or rules that contradict each other. */
  constructor({ include = [], exclude = [], ignoreCase = false }: PathRuleOptions) {
    this.#ignoreCase = ignoreCase
    const excluded = segmentsOf('exclude', exclude)
    this.#isFrontPublic = excluded.some(({ length }) => length === 0)
    this.#exclude = excluded.filter(({ length }) => length > 0)
    const included = segmentsOf('include', include)
    if (this.#isFrontPublic && included.length > 0)
      misconfigured(
        '`exclude` has "/", the front page: it means something where everything else is included.',
      )
    this.#include = included.length > 0 ? included : [[]]
    for (const segments of this.#exclude) {
      const rule = `/${segments.join('/')}`
      const depth = this.#depth(this.#include, segments, ignoreCase)
      if (depth < 0) misconfigured(`\`exclude\` "${rule}" lies under no \`include\`: it would do nothing.`)
      if (depth === segments.length)
        misconfigured(`"${rule}" is included and excluded. A path is one or the other.`)
    }
  }

  /**
   * Whether a path needs a user; `null` for a path that has no one meaning. Fails closed: every spelling that a router
   * might take for an included path is included, and only the exact one is excluded.
   *
   * @param page The page behind the path, where the adapter knows that this is a request for its data; see `pageOf`.
   */
  isProtected(pathname: string, page: string = pathname): boolean | null {
    const path = canonicalPath(pathname)
    if (!path) return null
    const included = Math.max(
      this.#depth(this.#include, path, this.#ignoreCase),
      this.#depth(this.#include, withoutDataSuffix(path), this.#ignoreCase),
    )
    // Not every router collapses slashes: `/area//public` may reach the handler of `/area/*`.
    const exact = page.includes('//') ? null : canonicalPath(page)
    if (!exact) return included >= 0
    if (exact.length === 0 && this.#isFrontPublic) return false
    return included > this.#depth(this.#exclude, exact, false)
  }

  /** How long the longest rule for this path is; -1 when there is none. */
  #depth(rules: readonly Segments[], path: Segments, ignoreCase: boolean): number {
    const fold = (text: string | undefined): string | undefined => (ignoreCase ? text?.toLowerCase() : text)
    const depths = rules.map((rule) =>
      rule.every((segment, i) => fold(segment) === fold(path[i])) ? rule.length : -1,
    )
    return Math.max(-1, ...depths)
  }
}

/** By which routers ask for a page's data, behind its path. */
const DATA_SUFFIXES = ['.data', '.rsc']

function withoutDataSuffix(path: Segments): Segments {
  const last = withoutSuffix(path.at(-1) ?? '', DATA_SUFFIXES)
  return [...path.slice(0, -1), ...(last === '' ? [] : [last])]
}

function segmentsOf(name: string, rules: unknown): Segments[] {
  if (!Array.isArray(rules)) misconfigured(`\`${name}\` is a list of paths.`)
  return rules.map((rule: unknown) => {
    const segments = typeof rule === 'string' && !/[?#*%]/.test(rule) ? canonicalPath(rule) : null
    if (segments && rule === `/${segments.join('/')}`) return segments
    return misconfigured(
      `\`${name}\` takes plain paths such as "/admin", without slash at the end, dots, escapes or patterns.`,
    )
  })
}
