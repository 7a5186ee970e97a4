import {
  LatchkeyError,
  type RequestAuth,
  type Session,
  type UserDevices,
  type UserLike,
  type UserToken,
} from 'latchkey'

/** Who a page is rendered for. Reads and never writes: while a page renders, Next lets no cookie be set. */
export interface Visitor<User extends UserLike> {
  readonly token: UserToken<User>
  /** The user, or `null`. */
  readonly user: User | null
  /** Whether the user proved who he is within `freshSeconds`. */
  readonly isFresh: boolean
  readonly session: Pick<Session, 'get' | 'all'>
  /** Where this user is logged in; `undefined` where sessions cannot be listed. */
  readonly devices: Pick<UserDevices, 'listSessions'> | undefined
}

/** Asks who it is. What the visitor's type leaves out is refused at run time as well, by name. */
export async function visitorOf<User extends UserLike>(auth: RequestAuth<User>): Promise<Visitor<User>> {
  const token = await auth.authenticate()
  const { session, isFresh, devices } = auth
  const reads = { get: (key: string) => session.get(key), all: () => session.all() }
  return readOnly(auth, 'auth', {
    token,
    user: token.user,
    isFresh,
    session: readOnly(session, 'auth.session', reads),
    devices: canList(devices)
      ? readOnly(devices, 'auth.devices', { listSessions: () => devices.listSessions() })
      : undefined,
  })
}

function canList(devices: unknown): devices is UserDevices {
  return typeof devices === 'object' && devices !== null && 'listSessions' in devices
}

/** `shown`, where everything else that `whole` can do is refused. */
function readOnly<Shown extends object>(whole: object, called: string, shown: Shown): Shown {
  return new Proxy(Object.freeze(shown), {
    get(target, name, receiver) {
      if (name in target || !(name in whole)) return Reflect.get(target, name, receiver)
      throw new LatchkeyError(
        'misuse',
        `${called}.${String(name)} is not for a Server Component, which reads and cannot set a cookie. Use it in a Server Action (login.action) or a route handler (login.route).`,
      )
    },
  })
}
