import { callBackend } from '../base/backend.ts'
import { checkMethods, misconfigured } from '../base/options.ts'
import { checkTrustProxy } from '../http/client-address.ts'
import { checkOrigin, checkTrustedOrigin } from '../http/cross-origin.ts'
import { denyingBy } from '../http/denied-response.ts'
import { SessionCookie } from '../http/session-cookie.ts'
import { authenticate, inTurn } from '../identity/authenticate.ts'
import type { AuthenticatorEnvironment } from '../identity/authenticators/authenticator.ts'
import { checkRealm } from '../identity/authenticators/authorization.ts'
import { sessionAuthenticator, sessionIdentity } from '../identity/authenticators/session.ts'
import type { Identity } from '../identity/identity.ts'
import { loginPagesOf, type PathProtection } from '../identity/protect-paths.ts'
import type { LoginTail } from '../login/complete-login.ts'
import { loginOnce } from '../login/login-once.ts'
import { loginParts } from '../login/login-parts.ts'
import { Lifetime } from '../session/lifetime.ts'
import { limitedStore, RECORD_METHODS } from '../session/limited-store.ts'
import type { RequestSession } from '../session/request-session.ts'
import { sealedSessions } from '../session/sealed/sealed.ts'
import type { SessionEnvironment, SessionKind, SessionStrategy } from '../session/session-kind.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { AuthOptions } from './auth-options.ts'
import type { ActiveMigration } from './migrate-session.ts'
import type { RequestParts } from './request-auth.ts'

/** What a configured auth is made of. */
export interface AuthParts<User extends UserLike, Devices> {
  readonly kind: SessionKind<Devices>
  readonly cookies: SessionCookie
  readonly trustedOrigins: readonly string[]
  readonly trustProxy: number
  readonly protect: readonly PathProtection[]
  /** Missing without the option `migrate`. */
  readonly migration: ActiveMigration<User> | undefined
  /** The paths of the login pages that the rules of `protect` redirect to. */
  readonly loginPages: readonly string[]
  readonly now: () => number
  readonly timeLimitSeconds: number
  readonly emit: Emit<User>
  /** What the `auth` of each request gets. */
  readonly ofRequest: RequestParts<User, Devices>
}

/** Checks the options, and builds the parts from them. */
export function authParts<User extends UserLike, Devices>(
  options: AuthOptions<User, Devices>,
): AuthParts<User, Devices> {
  const {
    sessions = sealedSessions() as SessionStrategy<Devices>,
    cookie = {},
    origin,
    trustedOrigins = [],
    trustProxy = 0,
    idleSeconds,
    absoluteSeconds,
    rememberSeconds,
    touchSeconds,
    reasonSeconds,
    authenticators = [sessionAuthenticator()],
    realm = 'Protected access',
    protect,
    impersonation,
    migrate,
    records,
    deniedResponse,
    ...rest
  } = options
  if (typeof sessions !== 'function')
    misconfigured('`sessions` must be sealedSessions() or storedSessions(store).')
  if (!Array.isArray(trustedOrigins)) misconfigured('`trustedOrigins` must be a list of origins.')
  if (!Array.isArray(authenticators) || authenticators.length === 0)
    misconfigured('`authenticators` must be a list, such as [sessionAuthenticator()].')
  for (const one of authenticators) {
    if (typeof one?.authenticate !== 'function')
      misconfigured('`authenticators` takes what a call gives: `[sessionAuthenticator()]`.')
  }
  if (impersonation !== undefined && typeof impersonation !== 'function')
    misconfigured('`impersonation` must be impersonation({ … }).')
  if (migrate !== undefined && typeof migrate !== 'function')
    misconfigured('`migrate` must be migrateSession({ … }).')
  if (records !== undefined) checkMethods('records', records, RECORD_METHODS)
  if (deniedResponse !== undefined && typeof deniedResponse !== 'function')
    misconfigured('`deniedResponse` must be a function that returns a Response.')

  const login = loginParts<User>(rest)
  const { users, proof, keyring, namespace } = login
  const { now, timeLimitSeconds, emit, sessionHash } = login.tail
  for (const { needs } of authenticators) if (needs) checkMethods('users', rest.users, [needs])

  const cookies = new SessionCookie(cookie, origin, keyring.appId)
  const lifetime = new Lifetime({
    idleSeconds,
    absoluteSeconds,
    rememberSeconds,
    touchSeconds,
    reasonSeconds,
  })
  warnOfMaxAge(cookie.maxAgeSeconds, lifetime)
  const kind = sessions({
    keyring,
    namespace,
    cookieName: cookies.baseName,
    lifetime,
    now,
    timeLimitSeconds,
    users: users as SessionEnvironment['users'],
    sessionHash,
    emit: emit as SessionEnvironment['emit'],
  })
  const acting = impersonation?.({
    users,
    timeLimitSeconds,
    emit,
    now,
    authenticate: (context) => authenticate(identity, context),
  })
  const { devices } = kind
  const guard = devices?.guard
  const tail: LoginTail<User> = {
    ...login.tail,
    impersonation: acting,
    keysOf: devices?.keysOf,
    // Every context that `createAuth` makes has a `RequestSession`.
    lastGuard: guard && (({ session }, user) => guard(session as RequestSession, user)),
  }
  const migration = migrate?.({
    tail,
    kind,
    cookies,
    namespace,
    records: records ? limitedStore(records, timeLimitSeconds) : kind.records,
  })
  // An app's own authenticator gets these five, and nothing that keys could be derived from.
  const environment: AuthenticatorEnvironment<User> = Object.freeze({
    users: rest.users,
    now,
    call: (backend, call) => callBackend(backend, timeLimitSeconds, call),
    session: sessionIdentity({ users, sessionHash, emit, impersonation: acting }),
    // Without a session there is nothing for a limit on sessions to count.
    prove: (context, username, password) =>
      loginOnce({ proof, tail: { ...tail, lastGuard: undefined } }, context, username, password),
  } satisfies AuthenticatorEnvironment<User>)
  const identity: Identity<User> = {
    ask: inTurn(environment, authenticators),
    authenticators,
    environment,
    realm: checkRealm(realm),
  }
  const rules = protect === undefined ? [] : checkProtect(protect)
  return {
    kind,
    cookies,
    trustedOrigins: trustedOrigins.map(checkTrustedOrigin),
    trustProxy: checkTrustProxy(trustProxy),
    migration,
    protect: rules,
    loginPages: loginPagesOf(rules, origin),
    now,
    timeLimitSeconds,
    emit,
    ofRequest: {
      identity,
      proof,
      tail,
      devices,
      freshSeconds: login.freshSeconds,
      deny: denyingBy(deniedResponse),
      origin: origin === undefined ? undefined : checkOrigin('origin', origin),
    },
  }
}

/** Not refused: what the browser keeps for longer than the session lives does no harm. */
function warnOfMaxAge(maxAgeSeconds: number | undefined, { idleSeconds }: Lifetime): void {
  if (maxAgeSeconds === undefined || maxAgeSeconds <= idleSeconds) return
  console.warn(
    `latchkey: \`cookie.maxAgeSeconds\` (${maxAgeSeconds}) is longer than \`idleSeconds\` (${idleSeconds}), after which a ` +
      'session that is not used has ended, and is cut to it. To keep users logged in, log in with `remember: true`, or ' +
      'raise `idleSeconds` and `absoluteSeconds`.',
  )
}

/** The rules of `protect`, one or a list. Types tell a rule from what makes one, and JavaScript does not. */
function checkProtect(protect: PathProtection | readonly PathProtection[]): readonly PathProtection[] {
  const rules = Array.isArray(protect) ? protect : [protect]
  if (rules.length === 0) misconfigured('`protect` is an empty list and protects nothing: leave it out.')
  for (const rule of rules) {
    if (rule?.name === 'protectPaths')
      misconfigured('`protect` takes what a call gives: `protectPaths({ … })`.')
    if (typeof rule !== 'function')
      misconfigured('`protect` must be protectPaths({ … }), or a list of these.')
  }
  return rules
}
