import { pathOf } from './oracle.ts'
import type { Profile, RequestStep } from './scenario.ts'
import { Users } from './users.ts'

/** What of a step is not compared. `rest`: from this step on the two are in different states, and nothing is. */
export type Excused = 'rest' | readonly ('status' | 'auth' | 'session' | 'json' | 'raised' | 'keptId')[]

/**
 * Where a `match` of imia's does not hold, by decision: `docs/decisions/015-imia.md` gives the reasons under these
 * names. Told by what a step does and not by its id, so that they say the same of scenarios that are not here.
 */
export const DEVIATIONS: Record<
  string,
  (step: RequestStep, profile: Profile, before: readonly RequestStep[]) => Excused | null
> = {
  'there is always a session': ({ request, expect }, profile) =>
    profile.session === 'none' && request.method === 'POST' && expect.raised?.type === 'AssertionError'
      ? 'rest'
      : null,

  'without authenticators of its own a request is still somebody': ({ expect }, profile) =>
    profile.auth === null && profile.impersonation !== null && expect.raised ? 'rest' : null,

  'a header that comes twice is one value with a comma': ({ request: { headers } }) => {
    const names = headers.map(([name]) => name.toLowerCase())
    return new Set(names).size < names.length ? ['status', 'auth', 'json'] : null
  },

  'a session that is nobody’s any more is cleared': ({ expect: { auth, session } }) =>
    auth !== null && !auth.is_authenticated && session && '_auth_user_id' in session
      ? ['session', 'json', 'keptId']
      : null,

  'the session hash is compared at every request': ({ expect: { auth } }, _, before) =>
    auth?.is_authenticated && before.some(({ request }) => /hash=|_auth_user_hash/.test(request.path))
      ? ['auth', 'json', 'session', 'keptId']
      : null,

  'guards are asked after the password': ({ request: { form } }) => {
    const { email = '', password, guards } = (form ?? {}) as Record<string, string>
    if (!guards || !/deny|touch|inactive|needs/.test(guards)) return null
    try {
      return new Users().get(email).hashedPassword === password ? null : 'rest'
    } catch {
      return 'rest'
    }
  },

  'a bad credential stops the chain': ({ expect: { events = [] } }) =>
    events.filter((event) => event.startsWith('find_by_token')).length > 1
      ? ['status', 'auth', 'json']
      : null,

  'what needs no user still knows him': (
    { request: { path, headers }, expect: { auth } },
    profile,
    before,
  ) => {
    if (!profile.auth || auth?.is_authenticated || path === '/logout') return null
    const last = (is: (step: RequestStep) => unknown): number => before.findLastIndex(is)
    const hasSession =
      profile.session !== 'none' &&
      last(({ expect }) => expect.auth?.is_authenticated) > last(({ request }) => request.path === '/logout')
    const isKnown = hasSession || headers.length > 0 || path.includes('apikey=')
    if (!isKnown || isIncluded(profile, path)) return null
    return path.includes('impersonate') ? 'rest' : ['auth', 'json']
  },

  'rules are paths, not searches in the URL': ({ request: { path } }, profile) => {
    const { include_patterns: include, exclude_patterns: exclude } = profile.auth ?? {}
    const [pathname = ''] = path.split('?')
    const isFound = (rule: string): boolean => new RegExp(rule).test(decodeURIComponent(pathname))
    const differs =
      // What is included is so in any letter case.
      include?.some(
        (rule) => isFound(rule) !== isBelow(pathname.toLowerCase(), pathOf(rule).toLowerCase()),
      ) || exclude?.some((rule) => isFound(rule) !== isBelow(pathname, pathOf(rule)))
    return differs || /%2f|%5c|%00/i.test(pathname) ? ['status', 'auth', 'json', 'raised'] : null
  },

  'nobody acts through a second one': ({ request: { path } }, profile, before) => {
    const acting = before.at(-1)?.expect.auth?.state === 'IMPERSONATOR' && profile.session !== 'none'
    return acting && targetOf(path, profile) !== null ? 'rest' : null
  },

  'an id is no empty text': ({ request: { path, form }, expect: { auth } }, profile) => {
    const { email } = (form ?? {}) as Record<string, string>
    return auth?.user_id === '' || targetOf(path, profile) === '' || email === '' ? 'rest' : null
  },

  'who is himself again is so at once': ({ request: { path } }) =>
    path.startsWith('/exit-impersonation') ? ['auth', 'json'] : null,

  'one or more spaces follow the scheme (RFC 9110)': ({ request: { headers } }) =>
    headers.some(([name, value]) => /^authorization$/i.test(name) && /^(?!basic)\S+ {2,}\S+$/i.test(value))
      ? ['status', 'auth', 'json']
      : null,

  'the right to act as others is asked for, and not left in the session': ({ expect: { auth, session } }) =>
    session && '_impersonated_user_id' in session && auth?.state !== 'IMPERSONATOR'
      ? ['session', 'json', 'keptId']
      : null,

  'the scheme of a token is one word': (_, profile) =>
    profile.auth?.authenticators.some(({ token_name }) => token_name?.includes(' ')) ? 'rest' : null,
}

function targetOf(path: string, { impersonation }: Profile): string | null {
  if (!impersonation) return null
  const target = new URL(path, 'http://localhost').searchParams.get(
    impersonation.enter_query_param ?? '_impersonate',
  )
  return target === (impersonation.exit_user_name ?? '__exit__') ? null : target
}

function isIncluded({ auth }: Profile, path: string): boolean {
  const pathname = decodeURIComponent(path.split('?')[0] ?? '')
  const { include_patterns: include, exclude_patterns: exclude } = auth ?? {}
  if (include && include.length > 0) return include.some((rule) => new RegExp(rule).test(pathname))
  return !exclude?.some((rule) => new RegExp(rule).test(pathname))
}

const isBelow = (pathname: string, rule: string): boolean => {
  const path = decodeURIComponent(pathname)
  return rule === '/' || path === rule || path.startsWith(`${rule}/`)
}
