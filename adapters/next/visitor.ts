import {
  LatchkeyError,
  type RequestAuth,
  type Session,
  type UserDevices,
  type UserLike,
  type UserToken,
} from 'latchkey'

/**
 * The user and session that a page is rendered for. It is read only: while a page renders, Next does not
 * allow cookies to be set. Any other member of the request's `auth` throws LatchkeyError `misuse`.
 */
export interface Visitor<User extends UserLike, Devices = unknown> {
  /** The identity of the request: an authenticated or an anonymous token. */
  readonly token: UserToken<User>
  /** The user, or `null` for an unauthenticated request. */
  readonly user: User | null
  /** Whether the user logged in or re-authenticated within `freshSeconds`. */
  readonly isFresh: boolean
  /** The app's own data in the session. */
  readonly session: Pick<Session, 'get' | 'all'>
  /** Lists the user's sessions; `undefined`, also to the compiler, if the kind of session cannot list them. */
  readonly devices: Devices extends UserDevices ? Pick<UserDevices, 'listSessions'> : Devices
}

/**
 * Authenticates the request. What the type `Visitor` omits also throws at run time, with an error that names
 * it.
 */
export async function visitorOf<User extends UserLike, Devices>(
  auth: RequestAuth<User, Devices>,
): Promise<Visitor<User, Devices>> {
  const token = await auth.authenticate()
  const { session, isFresh, devices } = auth
  const reads = { get: (key: string) => session.get(key), all: () => session.all() }
  const shown = canList(devices)
    ? readOnly(devices, 'auth.devices', { listSessions: () => devices.listSessions() })
    : undefined
  return readOnly(auth, 'auth', {
    token,
    user: token.user,
    isFresh,
    session: readOnly(session, 'auth.session', reads),
    devices: shown as Visitor<User, Devices>['devices'],
  })
}

function canList(devices: unknown): devices is UserDevices {
  return typeof devices === 'object' && devices !== null && 'listSessions' in devices
}

/** Returns `shown`, frozen; reading any other member of `whole` throws. */
function readOnly<Shown extends object>(whole: object, called: string, shown: Shown): Shown {
  return new Proxy(Object.freeze(shown), {
    get(target, name, receiver) {
      if (name in target || !(name in whole)) return Reflect.get(target, name, receiver)
      throw new LatchkeyError(
        'misuse',
        `${called}.${String(name)} is not available in a Server Component, which can read but cannot set a cookie. Use it in a Server Action (auth.action) or a route handler (auth.route).`,
      )
    },
  })
}
