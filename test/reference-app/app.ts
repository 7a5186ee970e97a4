import {
  type Authenticator,
  apiKeyAuthenticator,
  basicAuthenticator,
  bearerAuthenticator,
  type DeviceList,
  LatchkeyError,
  type LoginOutcome,
  type RequestAuth,
  tokenAuthenticator,
} from 'latchkey'
import { isPasswordText } from 'latchkey/password'
import { callBackend } from '../../src/base/backend.ts'
import { guardsOf } from './guards.ts'
import { escapeHtml, fieldsOf, isForm, json, page, pause, refused, seeOther, wantsJson } from './http.ts'
import { nested } from './nested-route.ts'
import { ODD_VALUES } from './odd-values.ts'
import { openSocket, type Upgrade } from './socket-route.ts'
import { throwRoute } from './throw-route.ts'
import type { User } from './users.ts'
import type { World } from './world.ts'

/** What a route gets: one request of one visitor, in one world. */
export interface Visit {
  readonly world: World
  readonly request: Request
  readonly url: URL
  readonly auth: RequestAuth<User, DeviceList | undefined>
  /** Runs a second handler of the same app for the same request, through the adapter. */
  readonly nest: Nest
  /** Where the adapter can upgrade. */
  readonly upgrade?: Upgrade | undefined
}

export type Nest = (handle: (auth: Visit['auth']) => Promise<Response>) => Promise<unknown>

type Route = (visit: Visit) => Response | Promise<Response>

const notBuilt: Route = () => json({ ok: false, code: 'not_built' }, 501)

/** The app, free of any framework. Every adapter mounts this one function. */
export async function referenceApp(visit: Visit): Promise<Response> {
  const { request, url } = visit
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const path = decoded(url.pathname)
  const route = ROUTES[`${method} ${path}`] ?? (isArea(path) ? area : undefined)
  if (route && !(await isForm(request))) return refused(request, 415, 'unsupported_media_type')
  return route ? route(visit) : refused(request, 404, 'not_found')
}

/** As most routers match: on the decoded path. */
function decoded(pathname: string): string {
  try {
    return decodeURI(pathname)
  } catch {
    return pathname
  }
}

const isArea = (path: string): boolean => path === '/area' || path.startsWith('/area/')

const ROUTES: Record<string, Route> = {
  'GET /health': () => new Response('ok'),
  'GET /': home,
  'GET /login': loginPage,
  'POST /login': login,
  'POST /login/sso': loginSso,
  'POST /second-factor': notBuilt,
  'POST /logout': logout,
  'GET /app': protectedPage,
  'GET /home': homePage,
  'GET /admin': adminMarker,
  'GET /admin2': adminPage,
  'GET /sensitive': sensitive,
  'POST /confirm': confirm,
  'POST /password': changePassword,
  'GET /sessions': listSessions,
  'POST /sessions/revoke': revokeSession,
  'POST /sessions/revoke-others': revokeOthers,
  'POST /sessions/revoke-all': revokeAll,
  'POST /impersonate': impersonate,
  'POST /impersonate/exit': exitImpersonation,
  'GET /basic': protectedBy(basicAuthenticator()),
  'GET /bearer': protectedBy(bearerAuthenticator()),
  'GET /api-key': protectedBy(apiKeyAuthenticator()),
  'GET /token': protectedBy(tokenAuthenticator('Custom')),
  'GET /session': async ({ auth }) => json(await auth.session.all()),
  'POST /session': writeSession,
  'POST /session/odd': writeOdd,
  'DELETE /session': clearSession,
  'GET /slow': slow,
  'POST /throw': throwRoute,
  'POST /churn': churn,
  'POST /nested': nested,
  'GET /ws': openSocket,
  'GET /fetch-me': fetchMe,
  'GET /other/app': protectedPage,
  'POST /other/login': login,
}

async function home({ auth, url, request }: Visit): Promise<Response> {
  const { userId, state, reason } = await auth.authenticate()
  const body = { user: userId, state, reason }
  const headers =
    url.searchParams.get('cache') === 'public' ? { 'cache-control': 'public, max-age=3600' } : undefined
  if (wantsJson(request)) return json(body, 200, headers)
  const answer = page('Home', `<h1>${escapeHtml(String(userId ?? 'nobody'))}</h1><p id="state">${state}</p>`)
  if (headers) answer.headers.set('cache-control', headers['cache-control'])
  return answer
}

function loginForm(next: string | null, error: string | null): string {
  return `<h1>Log in</h1>${error ? `<p role="alert">${escapeHtml(error)}</p>` : ''}
<form method="post" action="/login">
<input name="username" autocomplete="username"><input name="password" type="password" autocomplete="current-password">
<input type="hidden" name="next" value="${escapeHtml(next ?? '')}"><button>Log in</button></form>`
}

function loginPage({ url }: Visit): Response {
  return page('Log in', loginForm(url.searchParams.get('next'), url.searchParams.get('error')))
}

async function login(visit: Visit): Promise<Response> {
  const fields = await fieldsOf(visit.request)
  if (!fields) return refused(visit.request, 400, 'bad_request')
  const options = { guards: guardsOf(visit.world, visit.url), remember: isChecked(fields.remember) }
  return loginAnswer(visit, await visit.auth.login(fields.username, fields.password, options), fields.next)
}

/** A box in a form, or a JSON value. */
function isChecked(value: unknown): boolean {
  return value === true || (typeof value === 'string' && !['', '0', 'false', 'off'].includes(value))
}

async function loginSso(visit: Visit): Promise<Response> {
  const fields = await fieldsOf(visit.request)
  const { username } = fields ?? {}
  const users = visit.world.users.provider(visit.world.counters, visit.world.faults)
  const find = () => (typeof username === 'string' ? users.findByUsername(username) : null)
  const user = await callBackend('user provider', 2, find)
  if (!user) return refused(visit.request, 401, 'invalid_credentials')
  const ends = visit.url.searchParams.get('ends')
  if (ends !== null && !(Number(ends) > 0)) return refused(visit.request, 400, 'bad_request')
  const options = {
    method: 'sso',
    guards: guardsOf(visit.world, visit.url),
    remember: isChecked(fields?.remember),
    lifetime: ends === null ? undefined : { absoluteSeconds: Number(ends) },
  }
  return loginAnswer(visit, await visit.auth.loginUser(user, options), fields?.next)
}

function loginAnswer({ request, url, auth }: Visit, outcome: LoginOutcome<User>, next: unknown): Response {
  if (outcome.ok) {
    const answer = wantsJson(request)
      ? json({ ok: true, user: outcome.token.userId })
      : seeOther(auth.safeRedirectPath(next, '/app'))
    if (url.searchParams.get('cookies') === '1') addCookies(answer)
    return answer
  }
  const { code } = outcome
  if (!wantsJson(request)) {
    const kept =
      typeof next === 'string' && next !== '' && next.length < 2000 ? `&${new URLSearchParams({ next })}` : ''
    return seeOther(`/login?error=${code}${kept}`)
  }
  if (code === 'throttled') {
    return json({ ok: false, code }, 429, { 'retry-after': String(outcome.retryAfterSeconds) })
  }
  return json({ ok: false, code, ...(code === 'rejected' ? { reason: outcome.reason } : {}) }, 401)
}

function addCookies(response: Response): void {
  response.headers.append('set-cookie', 'a=1; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT')
  response.headers.append('set-cookie', 'b=2; Path=/')
}

async function logout({ request, auth }: Visit): Promise<Response> {
  const fields = await fieldsOf(request)
  await auth.logout()
  return wantsJson(request) ? json({ ok: true }) : seeOther(auth.safeRedirectPath(fields?.next, '/login'))
}

/** The user, or the answer for whoever is none. */
async function requireUser({ url, auth }: Visit): Promise<User | Response> {
  return (await auth.requireUser({ redirectTo: '/login' }, url)) ?? (auth.user as User)
}

async function protectedPage(visit: Visit): Promise<Response> {
  const user = await requireUser(visit)
  return user instanceof Response ? user : userPage(visit)
}

async function homePage(visit: Visit): Promise<Response> {
  const user = await requireUser(visit)
  return user instanceof Response ? user : page('Home', `<h1>Hello ${escapeHtml(user.displayName)}</h1>`)
}

/** By this authenticator alone: a session does not count. */
function protectedBy(authenticator: Authenticator<User>): Route {
  return async (visit) => {
    const scope = visit.url.searchParams.get('scope')
    const refusal = await visit.auth.requireUser({ by: [authenticator], scopes: scope ? [scope] : [] })
    return refusal ?? userPage(visit)
  }
}

function userPage(visit: Visit): Response {
  const { userId, displayName, scopes, state, method, authTime, originalUserId } = visit.auth.token
  const body = { user: userId, displayName, scopes, state, method, authTime, originalUser: originalUserId }
  if (wantsJson(visit.request)) return json(body)
  return page(
    'App',
    `<h1>Hello ${escapeHtml(displayName)}</h1><form method="post" action="/logout"><button>Log out</button></form>`,
  )
}

async function adminPage(visit: Visit): Promise<Response> {
  const user = await requireUser(visit)
  if (user instanceof Response) return user
  return (await visit.auth.requireScopes('admin')) ?? adminMarker(visit)
}

async function adminMarker({ request, auth }: Visit): Promise<Response> {
  const { userId } = await auth.authenticate()
  return wantsJson(request)
    ? json({ marker: 'ADMIN-MARKER', user: userId })
    : page('Admin', '<h1>ADMIN-MARKER</h1>')
}

async function area({ auth }: Visit): Promise<Response> {
  const { userId } = await auth.authenticate()
  return json({ marker: 'AREA-MARKER', user: userId })
}

async function impersonate(visit: Visit): Promise<Response> {
  const user = await requireUser(visit)
  if (user instanceof Response) return user
  const fields = await fieldsOf(visit.request)
  const outcome = await visit.auth.impersonate(fields?.user)
  return outcome.ok
    ? json({ ok: true, user: outcome.token.userId })
    : refused(visit.request, 403, outcome.code)
}

async function exitImpersonation({ auth }: Visit): Promise<Response> {
  const { userId } = await auth.exitImpersonation()
  return json({ ok: true, user: userId })
}

async function sensitive(visit: Visit): Promise<Response> {
  const user = await requireUser(visit)
  if (user instanceof Response) return user
  if (visit.auth.isFresh) return json({ ok: true, user: user.id })
  return visit.auth.isNavigation ? seeOther('/confirm') : visit.auth.deny(403, 'fresh_login_required')
}

/** The fields of the form, once the user has proven himself again; otherwise the answer. */
async function confirmed(visit: Visit, name: string): Promise<Record<string, unknown> | Response> {
  const user = (await impersonatingDenied(visit)) ?? (await requireUser(visit))
  if (user instanceof Response) return user
  const fields = (await fieldsOf(visit.request)) ?? {}
  const outcome = await visit.auth.reauthenticate(fields[name])
  if (outcome.ok) return fields
  if (outcome.code === 'throttled') {
    return json({ ok: false, code: outcome.code }, 429, { 'retry-after': String(outcome.retryAfterSeconds) })
  }
  return refused(visit.request, 401, outcome.code)
}

async function confirm(visit: Visit): Promise<Response> {
  const fields = await confirmed(visit, 'password')
  return fields instanceof Response ? fields : json({ ok: true })
}

async function changePassword(visit: Visit): Promise<Response> {
  const fields = await confirmed(visit, 'current')
  if (fields instanceof Response) return fields
  if (!isPasswordText(fields.new) || fields.new.length < 8)
    return refused(visit.request, 400, 'password_refused')
  const row = visit.world.users.rows.find(({ id }) => id === visit.auth.user?.id)
  if (!row) return refused(visit.request, 401, 'login_required')
  row.hashedPassword = await visit.auth.hashPassword(fields.new)
  await visit.auth.passwordChanged(structuredClone(row))
  return json({ ok: true })
}

/** The list of devices of whoever is logged in; otherwise the answer. */
async function devicesOf(visit: Visit): Promise<DeviceList | Response> {
  const { devices } = visit.auth
  const denied = await impersonatingDenied(visit)
  if (denied) return denied
  if (!devices) return json({ ok: false, code: 'not_supported' }, 501)
  const user = await requireUser(visit)
  return user instanceof Response ? user : devices
}

/** The answer to a request that acts as somebody else; otherwise `null`. */
async function impersonatingDenied({ auth, request }: Visit): Promise<Response | null> {
  const { state } = await auth.authenticate()
  return state === 'impersonator' ? refused(request, 403, 'impersonating') : null
}

async function listSessions(visit: Visit): Promise<Response> {
  const devices = await devicesOf(visit)
  return devices instanceof Response ? devices : json(await devices.listSessions())
}

async function revokeSession(visit: Visit): Promise<Response> {
  const devices = await devicesOf(visit)
  if (devices instanceof Response) return devices
  const fields = await fieldsOf(visit.request)
  if (!fields) return refused(visit.request, 400, 'bad_request')
  const isKnown = await devices.revokeSession(fields.handle)
  return isKnown ? json({ ok: true }) : refused(visit.request, 404, 'unknown_handle')
}

async function revokeOthers(visit: Visit): Promise<Response> {
  const devices = await devicesOf(visit)
  return devices instanceof Response ? devices : json({ ok: true, ended: await devices.revokeOthers() })
}

/** Where records cannot be listed, the user's epoch says the same to all of them. */
async function revokeAll(visit: Visit): Promise<Response> {
  const user = (await impersonatingDenied(visit)) ?? (await requireUser(visit))
  if (user instanceof Response) return user
  const { devices } = visit.auth
  if (devices) return json({ ok: true, ended: await devices.revokeAll() })
  const row = visit.world.users.rows.find(({ id }) => id === user.id)
  if (row) row.sessionEpoch++
  await visit.auth.logout()
  return json({ ok: true })
}

async function writeSession({ request, url, auth }: Visit): Promise<Response> {
  const fields = await fieldsOf(request)
  if (!fields) return refused(request, 400, 'bad_request')
  await auth.session.all()
  await pause(Number(url.searchParams.get('delay') ?? 0))
  return settingAnswers(() => {
    auth.session.set(fields.key as string, fields.value)
    const cache =
      url.searchParams.get('cache') === 'public' ? { 'cache-control': 'public, max-age=3600' } : undefined
    const answer = json({ ok: true }, 200, cache)
    if (url.searchParams.get('cookies') === '1') addCookies(answer)
    return answer
  })
}

function writeOdd({ url, request, auth }: Visit): Response {
  const value = ODD_VALUES[url.searchParams.get('kind') ?? '']
  if (!value) return refused(request, 400, 'bad_request')
  return settingAnswers(() => {
    auth.session.set('odd', value())
    return json({ ok: true })
  })
}

/** What a session refuses to keep is the client's fault here. */
function settingAnswers(work: () => Response): Response {
  try {
    return work()
  } catch (error) {
    if (error instanceof LatchkeyError) return json({ ok: false, code: error.code }, 400)
    throw error
  }
}

async function clearSession({ auth }: Visit): Promise<Response> {
  await auth.session.clear()
  return json({ ok: true })
}

async function slow({ url, auth }: Visit): Promise<Response> {
  const before = await auth.session.all()
  const { userId } = await auth.authenticate()
  await pause(Number(url.searchParams.get('ms') ?? 0))
  const write = url.searchParams.get('write')
  const after = await auth.session.all()
  return settingAnswers(() => {
    if (write) auth.session.set(write, 1)
    return json({ user: userId, before, after: write ? { ...after, [write]: 1 } : after })
  })
}

async function churn({ world, auth }: Visit): Promise<Response> {
  auth.session.set('x', 1)
  auth.session.regenerateId()
  await auth.logout()
  const alice = world.users.byUsername('alice')
  if (alice) await auth.loginUser(structuredClone(alice))
  auth.session.regenerateId()
  auth.session.regenerateId()
  auth.session.set('y', 2)
  return json({ ok: true })
}

function fetchMe(): Response {
  return page(
    'Fetch me',
    `${loginForm(null, null)}<pre id="out"></pre><script>
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = new URLSearchParams(new FormData(event.target))
  const answer = await fetch('/login', { method: 'POST', body, headers: { accept: 'application/json' } })
  document.querySelector('#out').textContent = await answer.text()
})</script>`,
  )
}
