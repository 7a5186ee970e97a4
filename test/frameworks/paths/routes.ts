import type { Auth, ProtectPathsOptions } from 'latchkey'
import type { TestUser } from '../../app.ts'

export type AnyAuth = Auth<TestUser, unknown>

/** What the handlers below say, none of which has a check of its own. */
export const SHOWN = 'public'
export const HIDDEN = 'PROTECTED'
export const OTHER = 'OTHER'

/** Paths that have a handler, each with another one for whatever is below it. */
export const ROUTES: readonly (readonly [path: string, says: string])[] = [
  ['/area/public', SHOWN],
  ['/login', SHOWN],
  ['/admin', HIDDEN],
  ['/area', HIDDEN],
  ['/deep/inner', HIDDEN],
]

/** Rules, and what may then be said to anonymous visitors. */
export const RULES: Readonly<Record<string, { rules: ProtectPathsOptions; mayBeSaid: readonly string[] }>> = {
  include: {
    rules: { include: ['/admin', '/area', '/deep/inner'], exclude: ['/area/public'] },
    mayBeSaid: [SHOWN, OTHER],
  },
  'exclude alone': { rules: { exclude: ['/', '/login', '/area/public'] }, mayBeSaid: [SHOWN] },
}

/** An app that takes a language off the path before it routes. */
export const withoutLanguage = (path = ''): string => path.replace(/^\/de(?=\/)/, '')
