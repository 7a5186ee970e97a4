import { misconfigured } from '../base/options.ts'

/** Which paths require a user. */
export interface PathRuleOptions {
  /**
   * Paths that require a user, with everything below them, in every spelling that a router might take for one of them:
   * in any letter case, and with a suffix behind anything but a letter, a digit, `_` or `-` (`/admin.data`, `/admin;x`).
   * Default: all paths.
   */
  readonly include?: readonly string[] | undefined
  /**
   * Paths that do not, with everything below them, in exactly this spelling; `/` is the front page only. If two rules
   * match a path, the longer one counts. Default none.
   */
  readonly exclude?: readonly string[] | undefined
}

/** One path of a rule. */
interface Rule {
  /** As it stands in an address: `/area/public`; empty for `/`. */
  readonly path: string
  /** The number of its segments. */
  readonly depth: number
  /** Every spelling of it. */
  readonly spelling: RegExp
}

/** Two readers of the text disagree about these: a URL parser drops or converts them, others keep them. */
const UNCLEAR_TEXT = /^[^/]|[^ -\uffff]|[\\?#]|%(?:2f|5c|00)/i
/** After decoding: what a second decoding would change, a backslash or NUL, and segments of dots, also before `;`. */
const UNCLEAR_PATH = /%[\da-f]{2}|[\\\0]|\.\.;|\/\.\.?(?=[/;]|$)/i
/** Empty segments, which some routers skip. `;` ends a segment. */
const EMPTY_SEGMENT = /\/(?:;[^/]*)?(?=\/|$)/g
/** In `//host/path` some apps take the first segment for a host: `new URL(req.url, origin)`, `url.parse(req.url)`. */
const HOST = /^\/\/+[^/]*/
/** Beyond printable ASCII. A router may trim such a byte (`url.parse`), while its escape is a letter to all of them. */
const RAW_BYTE = /[^ -~]/g
/** What may follow a segment, so that a router might still take it for the segment itself. */
const SUFFIX = '(?:[^\\w\\-/\\x80-\\u{10ffff}][^/]*)?'

/** Every path that a router may read in this text, without empty segments; `null` if it is ambiguous. */
export function readingsOf(text: string): readonly string[] | null {
  const path = decoded(text)
  if (path === null || UNCLEAR_TEXT.test(text) || UNCLEAR_PATH.test(path)) return null
  const readings = [path, decoded(text.replace(RAW_BYTE, ' ')) ?? path]
  readings.push(...readings.map((one) => one.replace(HOST, '')))
  return [...new Set(readings.map((one) => one.replace(EMPTY_SEGMENT, '')))]
}

/**
 * Whether this text requests the data of that page (`/app.data`, `/_root.data`, `/app/__data.json`), and differs from its
 * path by nothing else: React Router matches `/admin/...data` as `/admin/..`, and the URL that it names is `/`.
 */
export function isDataOf(text: string, page: string): boolean {
  return text.startsWith(page) && /^(?:\/?_\w*)?\.\w+$/.test(text.slice(page.length))
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
  readonly #include: readonly Rule[]
  readonly #exclude: readonly Rule[]

  /**
   * @throws LatchkeyError `invalid_configuration` for anything but plain paths, and for rules that contradict
   * each other.
   */
  constructor({ include = [], exclude = [] }: PathRuleOptions) {
    const included = rulesOf('include', include)
    this.#include = included.length > 0 ? included : rulesOf('include', ['/'])
    this.#exclude = rulesOf('exclude', exclude)
    for (const { path, depth } of this.#exclude) {
      if (depth === 0 && included.length > 0)
        misconfigured('`exclude` "/", the front page, has no effect beside `include`.')
      const below = this.#included(readingsOf(path) ?? [])
      if (below < 0) misconfigured(`\`exclude\` "${path}" is not below any \`include\` and has no effect.`)
      if (depth > 0 && below === depth)
        misconfigured(`\`exclude\` "${path}" is itself a spelling of an included path.`)
    }
  }

  /**
   * Whether the text of a path requires a user; `null` for an ambiguous one. Fails closed: every spelling that a router
   * might take for an included path is included, and only the exact spelling is excluded.
   *
   * @param page The path of the page, if this text requests the data of one.
   */
  isProtected(text: string, page: string = text): boolean | null {
    const readings = readingsOf(text)
    return readings && this.#included(readings) > this.#excluded(page)
  }

  /** The depth of the longest rule that one of these paths is a spelling of; -1 if none is. */
  #included(readings: readonly string[]): number {
    return longest(this.#include.filter(({ spelling }) => readings.some((one) => spelling.test(one))))
  }

  /**
   * The depth of the longest rule that lifts the requirement. Nothing is lifted where there is an empty segment: not every
   * router skips it, so `/area//public` may reach the handler of `/area/*`. A slash at the end is the path or a page below
   * it to every router.
   */
  #excluded(page: string): number {
    if (page.includes('//')) return -1
    const lifts = ({ path }: Rule) => page === (path || '/') || (path !== '' && page.startsWith(`${path}/`))
    return longest(this.#exclude.filter(lifts))
  }
}

const longest = (rules: readonly Rule[]): number => Math.max(-1, ...rules.map(({ depth }) => depth))

function rulesOf(name: string, rules: unknown): Rule[] {
  if (!Array.isArray(rules)) misconfigured(`\`${name}\` must be a list of paths.`)
  return rules.map((rule: unknown) => {
    const path = rule === '/' ? '' : rule
    if (typeof path === 'string' && rule !== '' && !/[;*%]/.test(path) && readingsOf(path)?.[0] === path)
      return ruleOf(path)
    return misconfigured(
      `\`${name}\` takes plain paths such as "/admin", without a trailing slash, dots, escapes or patterns.`,
    )
  })
}

function ruleOf(path: string): Rule {
  const segments = path.split('/').slice(1)
  const spellings = segments.map((one) => `/${one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${SUFFIX}`)
  return {
    path: path && new URL(path, 'http://localhost').pathname,
    depth: segments.length,
    spelling: new RegExp(`^${spellings.join('')}(?:/|$)`, 'iu'),
  }
}
