import {
  type Auth,
  type Authenticator,
  apiKeyAuthenticator,
  basicAuthenticator,
  bearerAuthenticator,
  createAuth,
  type Guard,
  handleRequest,
  type ImpersonationGuard,
  impersonation,
  LatchkeyError,
  memoryRecords,
  type PathProtection,
  protectPaths,
  type RequestAuth,
  type SessionStrategy,
  sealedSessions,
  sessionAuthenticator,
  storedSessions,
  tokenAuthenticator,
  type UserToken,
} from 'latchkey'
import { type PasswordVerifier, passlibPbkdf2 } from 'latchkey/password'
import type { AuthenticatorConfig, ObservedToken, Profile, RequestStep, Scenario } from './scenario.ts'
import { asToken, type User, Users } from './users.ts'

/** What one step came to, in imia's words. */
export interface Observed {
  readonly status: number
  readonly location: string | null
  readonly wwwAuthenticate: string | null
  readonly json: unknown
  readonly raised: string | null
  readonly auth: ObservedToken | null
  readonly session: Readonly<Record<string, unknown>>
  readonly sidKept: boolean | null
  readonly events: readonly string[]
}

const ORIGIN = 'http://localhost'
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const GUARDS: Record<string, Guard<User>> = {
  allow: () => {},
  deny: () => {
    throw named('AuthenticationError', 'denied')
  },
  allow_slow: () => pause(8),
  allow_slower: () => pause(16),
  deny_slow: async () => {
    await pause(8)
    throw named('AuthenticationError', 'denied slowly')
  },
  deny_other: () => {
    throw named('OtherError', 'denied by another')
  },
  needs_user: (_, user) => {
    user.id.toString()
  },
  inactive: (_, user) => {
    if (!user.isActive) throw named('InactiveUser', 'user is not active')
  },
  touch_session: ({ session }) => session.set('guard', 'was here'),
  sync: () => {},
}

const IMPERSONATION_GUARDS: Record<string, ImpersonationGuard<User>> = {
  true: () => true,
  false: () => false,
  root_only: (actor) => actor.id === 'root@localhost',
  authenticated: () => true,
  async_false: async () => false,
  raises: () => {
    throw named('ImpersonationNotAllowedError', 'not allowed')
  },
}

/** imia's application, as far as its vectors know it, over latchkey. */
export class Oracle {
  readonly users = new Users()
  readonly #profile: Profile
  readonly #auth: Auth<User>
  readonly #records = memoryRecords()
  readonly #jars = new Map<string, string | null>()
  readonly #after = new Map<number, string | null>()
  /** The session as it was kept last, in the request that is under way. */
  #kept: { id: string; data: Readonly<Record<string, unknown>> } | null = null
  #raised: string | null = null
  #current: RequestAuth<User> | undefined

  constructor(profile: Profile) {
    this.#profile = profile
    const { auth, impersonation: acting } = profile
    this.#auth = createAuth<User, unknown>({
      secret: profile.secret_key === '' ? '' : `${profile.secret_key}, made longer than thirty-two bytes`,
      users: this.users.provider(),
      passwords: passwordsOf(profile.verifier, this.users.events),
      // imia passes a name on as it was typed, and has no throttle.
      normalizeUsername: (username) => username,
      throttle: false,
      cookie: { name: 'session' },
      sessions: this.#watched(
        profile.session === 'starlette' ? sealedSessions() : storedSessions(this.#records),
      ),
      authenticators: auth?.authenticators.length ? auth.authenticators.map(authenticatorOf) : [NOBODY],
      ...(auth && !this.#hasBasic ? { protect: this.#seen(protectionOf(auth)) } : {}),
      ...(acting ? { impersonation: impersonationOf(acting) } : {}),
    })
  }

  /** As `handleRequest` asks for it; kept, to see who it was in the end. */
  #begin(): Auth<User> {
    const auth = this.#auth
    return Object.assign(Object.create(null), {
      open: async (...args: Parameters<typeof auth.open>) => {
        const opened = await auth.open(...args)
        if (!(opened instanceof Response)) this.#current = opened.auth
        return opened
      },
    })
  }

  /** Also who was refused by the path. */
  #seen(protect: PathProtection): PathProtection {
    return (visitor, path) => {
      this.#current = visitor as RequestAuth<User>
      return protect(visitor, path)
    }
  }

  async run(scenario: Scenario): Promise<Map<number, Observed>> {
    const results = new Map<number, Observed>()
    for (const step of scenario.steps) {
      if (step.control === undefined) results.set(step.n, await this.#step(step))
      else this.#control(step.control, step.args)
    }
    return results
  }

  #control(
    name: string,
    { user, password, scope = '' }: { user: string; password?: string; scope?: string },
  ): void {
    if (name === 'delete_user') {
      this.users.delete(user)
      return
    }
    const row = this.users.get(user)
    if (name === 'set_password') row.hashedPassword = password ?? null
    else if (name === 'add_scope') row.scopes = [...row.scopes, scope]
    else if (name === 'remove_scope') row.scopes = row.scopes.filter((other) => other !== scope)
    else throw new Error(`no control ${name}`)
  }

  async #step({
    n,
    client,
    request: { method, path, headers, form, cookie },
  }: RequestStep): Promise<Observed> {
    const sent =
      cookie === 'jar'
        ? this.#jars.get(client)
        : cookie === 'none'
          ? null
          : cookie.from_step === undefined
            ? cookie.literal
            : this.#after.get(cookie.from_step)
    const init: RequestInit = { method, headers: headersOf(headers, sent ?? null) }
    if (form) init.body = new URLSearchParams(form as Record<string, string>)
    // The path is imia's raw one; a host of the client's own is not what the app is told.
    const request = new Request(new URL(ORIGIN + path), init)
    this.#kept = null
    this.#raised = null
    this.users.events.length = 0
    // imia begins and ends an impersonation by GET, which latchkey refuses: a GET of imia's is a POST of ours there.
    const asked = this.#isSwitch(request) ? new Request(request, { method: 'POST' }) : request
    const response = await handleRequest(this.#begin(), asked, (auth) => this.#answer(auth, request), {
      onError: (error) => {
        this.#raised = nameOf(error)
        return new Response(null, { status: 500 })
      },
    })
    const current = this.#current as RequestAuth<User> | undefined
    const token = !current ? null : this.#profile.auth ? await current.authenticate() : tokenIfAny(current)
    await this.#plant?.()
    this.#plant = undefined
    const set = response.headers.getSetCookie().find((line) => line.startsWith('session='))
    const value =
      set === undefined ? undefined : /max-age=0/i.test(set) ? null : (set.split(';')[0] ?? '').slice(8)
    if (value !== undefined) this.#jars.set(client, value)
    this.#after.set(n, this.#jars.get(client) ?? null)
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    const location = response.headers.get('location')
    return {
      status: response.status,
      location,
      wwwAuthenticate: response.headers.get('www-authenticate'),
      json: isJson && method !== 'HEAD' ? await response.json() : null,
      raised: this.#raised,
      auth: token && observed(token),
      session: { ...(this.#kept as { data?: Record<string, unknown> } | null)?.data },
      sidKept: sent == null || value === undefined ? null : value === sent,
      events: [...this.users.events],
    }
  }

  /** imia's two middlewares, then the view. */
  async #answer(auth: RequestAuth<User>, request: Request): Promise<Response> {
    if (this.#profile.auth) {
      await auth.authenticate()
      const refused = await this.#challenge(auth, request)
      if (refused) return refused
      await this.#impersonate(auth, new URL(request.url))
    }
    const response = await this.#view(auth, request)
    // So that what is in the session is seen also where nobody has asked.
    await auth.session.all()
    return response
  }

  /** With Basic in the chain imia answers 401 to who shows nothing, whatever `on_failure` says. */
  async #challenge(auth: RequestAuth<User>, request: Request): Promise<Response | null> {
    const {
      on_failure: onFailure,
      redirect_to: redirectTo,
      exclude_patterns: excluded,
    } = this.#profile.auth ?? {}
    if (!this.#hasBasic) return null
    const token = await auth.authenticate()
    if (token.isAuthenticated || excluded?.some((pattern) => request.url.includes(pattern))) return null
    if (token.reason === null) return auth.requireUser()
    if (onFailure === 'raise') throw named('AuthenticationError', 'Could not authenticate request.')
    return onFailure === 'redirect' ? redirect(redirectTo ?? '/', 303) : null
  }

  async #impersonate(auth: RequestAuth<User>, url: URL): Promise<void> {
    const { impersonation: acting, session } = this.#profile
    const target = acting && url.searchParams.get(acting.enter_query_param ?? '_impersonate')
    if (target == null) return
    await auth.authenticate()
    if (target === (acting?.exit_user_name ?? '__exit__')) await auth.exitImpersonation()
    // A user of the table is named by any of its keys.
    else
      await (session === 'none'
        ? auth.impersonateOnce(this.#idOf(target))
        : auth.impersonate(this.#idOf(target)))
  }

  #isSwitch({ method, url }: Request): boolean {
    const { pathname, searchParams } = new URL(url)
    const parameter = this.#profile.impersonation?.enter_query_param ?? '_impersonate'
    return method === 'GET' && (/^\/(exit-)?impersonat/.test(pathname) || searchParams.has(parameter))
  }

  #idOf(key: string): string | number {
    return key === 'int@localhost' ? 42 : key
  }

  async #view(auth: RequestAuth<User>, request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const view = `${request.method} ${pathname}`
    if (view === 'GET /') {
      auth.session.set('example', 1)
      return Response.json({})
    }
    if (view === 'POST /login') return this.#login(auth, request)
    if (view === 'POST /logout') {
      await auth.logout()
      return redirect('/login', 302)
    }
    if (pathname === '/session') return this.#dump(auth)
    if (pathname === '/set') await this.#set(auth, searchParams)
    if (pathname === '/del') auth.session.set(searchParams.get('key') ?? '', undefined)
    if (pathname === '/custom-login') {
      const user = this.users.get(searchParams.get('user') ?? '')
      const hash = searchParams.get('hash')
      await auth.loginUser(hash === null ? user : { ...user, hashedPassword: hash })
    }
    if (pathname === '/manual') {
      const token = await auth.authenticateBy(...(this.#profile.manual ?? []).map(authenticatorOf))
      return Response.json(token.isAuthenticated ? observed(token) : null)
    }
    if (pathname === '/impersonate') await auth.impersonate(this.#idOf(searchParams.get('user') ?? ''))
    if (pathname === '/exit-impersonation') await auth.exitImpersonation()
    const { token } = auth
    if (pathname === '/usertoken') return Response.json(everythingOf(token))
    if (pathname === '/helpers')
      return Response.json({
        current_user: token.userId,
        active: token.state === 'impersonator',
        original_user: token.originalUserId ?? token.userId,
      })
    return Response.json(observed(token))
  }

  async #login(auth: RequestAuth<User>, request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text())
    const guards = (form.get('guards') ?? '').split(',').filter(Boolean)
    const outcome = await auth.login(form.getAll('email').at(-1), form.getAll('password').at(-1), {
      guards: guards.map((name) => GUARDS[name] as Guard<User>),
    })
    return redirect(outcome.ok ? '/app' : `/login?error=${outcome.code}`, 302)
  }

  async #dump(auth: RequestAuth<User>): Promise<Response> {
    await auth.session.all()
    return Response.json({ ...this.#kept?.data, ...(await auth.session.all()) })
  }

  #plant: (() => Promise<void>) | undefined

  /** The library's own keys are none of an app's business: they are planted in the store. */
  async #set(auth: RequestAuth<User>, params: URLSearchParams): Promise<void> {
    const key = params.get('key') ?? ''
    const value = params.has('json') ? JSON.parse(params.get('json') ?? '') : params.get('value')
    if (!key.startsWith('_')) {
      auth.session.set(key, value)
      return
    }
    auth.session.set('planted', true)
    this.#plant = async () => {
      const { id } = this.#kept as { id: string }
      const record = await this.#records.read(id)
      if (!record) return
      await this.#records.update(id, { planted: undefined, [key]: value }, record)
      this.#kept = { id, data: (await this.#records.read(id))?.data ?? {} }
    }
  }

  get #hasBasic(): boolean {
    return this.#profile.auth?.authenticators.some(({ type }) => type === 'basic') ?? false
  }

  /** Sessions that tell what they kept. */
  #watched(sessions: SessionStrategy<unknown>): SessionStrategy<unknown> {
    return (environment) => {
      const kind = sessions(environment)
      const note = <T>(kept: T): T => {
        if (typeof kept === 'object' && kept !== null) {
          const { id, record } = kept as unknown as { id: string; record: { data: Record<string, unknown> } }
          this.#kept = { id, data: record.data }
        }
        return kept
      }
      return {
        lifetime: kind.lifetime,
        tellsEnd: kind.tellsEnd,
        foundGood: kind.foundGood,
        load: async (values, endedAt) => note(await kind.load(values, endedAt)),
        create: async (data, begin) => note(await kind.create(data, begin)),
        update: async (session, patch, renews) => note(await kind.update(session, patch, renews)),
        rotate: async (session, patch, begin) => note(await kind.rotate(session, patch, begin)),
        end: async (values, reason) => {
          this.#kept = null
          return kind.end(values, reason)
        },
        endKept: (session, reason) => kind.endKept(session, reason),
        endIfEmpty: (session) => kind.endIfEmpty(session),
      }
    }
  }
}

const NOBODY: Authenticator<User> = { authenticate: () => null }

function authenticatorOf({
  type,
  realm,
  token_name,
  query_param,
  header_name,
}: AuthenticatorConfig): Authenticator<User> {
  if (type === 'session') return sessionAuthenticator()
  if (type === 'basic') return basicAuthenticator(realm === undefined ? {} : { realm })
  if (type === 'bearer') return bearerAuthenticator()
  if (type === 'token') return tokenAuthenticator(token_name ?? '')
  return apiKeyAuthenticator({ query: query_param ?? 'apikey', header: header_name ?? 'X-Api-Key' })
}

/** imia's patterns are searched in the URL; what is meant by them is a path. */
export const pathOf = (pattern: string): string => `/${pattern.replaceAll(/^\^?\/?|\$$/g, '')}`

function protectionOf({
  on_failure: onFailure = 'do_nothing',
  redirect_to: redirectTo = '/',
  include_patterns: include,
  exclude_patterns: exclude,
}: NonNullable<Profile['auth']>): PathProtection {
  const strategies: Record<string, object> = {
    do_nothing: { onFailure: 'continue' },
    raise: { onFailure: 'throw' },
    redirect: { onFailure: 'redirect', redirectTo },
  }
  return protectPaths({
    ...(include ? { include: include.map(pathOf) } : {}),
    ...(exclude ? { exclude: exclude.map(pathOf) } : {}),
    ...(strategies[onFailure] ?? { onFailure }),
  })
}

function impersonationOf({ guard, scope }: NonNullable<Profile['impersonation']>) {
  const asked = guard === undefined ? undefined : IMPERSONATION_GUARDS[guard]
  return impersonation<User>({
    ...(asked ? { guard: asked } : {}),
    ...(scope === undefined ? {} : { scope }),
  })
}

function passwordsOf(name: string, events: string[]): PasswordVerifier {
  const verify: Record<string, (plain: string, hashed: string) => boolean | Promise<boolean>> = {
    plain: (plain, hashed) => plain === hashed,
    async_false: async () => false,
    pbkdf2_sha1: (plain, hashed) => passlibPbkdf2().verify(plain, hashed),
  }
  return {
    dummyHash: 'a hash of nothing',
    verify: async (plain, hashed) => {
      const isRight = (await verify[name]?.(plain, hashed)) ?? false
      events.push(`verify:${isRight}`)
      return isRight
    },
  }
}

/** Headers as they were sent; tokens spelt so that they are tokens. */
function headersOf(given: readonly [string, string][], cookie: string | null): Headers {
  const headers = new Headers()
  for (const [name, value] of given) {
    if (/^host$/i.test(name)) continue
    const isToken = /^authorization$/i.test(name) && !/^\s*basic/i.test(value)
    headers.append(name, isToken ? asToken(value) : value)
  }
  if (cookie !== null) headers.set('cookie', `session=${cookie}`)
  // imia redirects everybody, latchkey those who navigate.
  if (!headers.has('accept')) headers.set('accept', 'text/html')
  return headers
}

function nameOf(error: unknown): string {
  if (!(error instanceof LatchkeyError)) return (error as Error).name
  return error.code === 'login_required'
    ? 'AuthenticationError'
    : error.code === 'misuse'
      ? 'AssertionError'
      : error.code
}

function tokenIfAny(auth: RequestAuth<User>): UserToken<User> | null {
  try {
    return auth.token
  } catch {
    return null
  }
}

const redirect = (location: string, status: number): Response =>
  new Response(null, { status, headers: { location } })

export function observed(token: UserToken<User>): ObservedToken {
  return {
    is_authenticated: token.isAuthenticated,
    user_id: token.userId,
    display_name: token.displayName,
    original_user_id: token.originalUserId,
    scopes: token.scopes,
    state: token.state.toUpperCase(),
  }
}

function everythingOf(token: UserToken<User>): object {
  return {
    ...observed(token),
    is_anonymous: token.isAnonymous,
    bool: token.isAuthenticated,
    str: token.displayName,
    contains_impersonate_others: token.has('auth:impersonate_others'),
    user_is_anonymous_user: token.user === null,
  }
}
