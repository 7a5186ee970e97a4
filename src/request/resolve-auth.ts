import type { UserLike } from '../user/user.ts'
import type { Auth } from './auth.ts'

/**
 * An `Auth`, or a function that makes one from an environment, where secrets arrive per request (Workers' `env`).
 *
 * The function is called once for each environment. Two objects are one environment if everything that the function
 * has read from them is identical: some servers hand over a new object for each request (@hono/node-server,
 * Deno.serve). So read what the auth needs in the function itself, by name: `({ SECRET, DB }) => createAuth(…)`. Where it
 * asks which members there are, or calls a method of the object, only the same object is the same environment. It must not
 * choose by request or tenant: where nothing is handed over (`latchkey/node`, `latchkey/next`), it is called once.
 */
export type AuthOrFactory<User extends UserLike, Env = unknown, Devices = unknown> =
  | Auth<User, Devices>
  | ((env: Env) => Auth<User, Devices>)

/**
 * How many auths of one function are kept. A function that reads something of the request, such as its socket, makes one
 * for each request, and these must not pile up.
 */
const KEPT = 16

/** An auth, and how to tell its environment. */
interface Made<User extends UserLike, Devices> {
  readonly auth: Auth<User, Devices>
  fits(env: unknown): boolean
}

/** Returns a function that gives the `Auth` for an environment. A factory is called once per environment. */
export function resolveAuth<User extends UserLike, Env, Devices>(
  source: AuthOrFactory<User, Env, Devices>,
): (env: Env) => Auth<User, Devices> {
  if (typeof source !== 'function') return () => source
  const known = new WeakMap<object, Auth<User, Devices>>()
  const kept: Made<User, Devices>[] = []
  return (env) => {
    const same = isObject(env) ? known.get(env) : undefined
    if (same) return same
    const fitting = kept.find((one) => one.fits(env))
    if (fitting) return fitting.auth
    const { seen, fits } = watched(env)
    const auth = source(seen)
    kept.push({ auth, fits })
    if (kept.length > KEPT) kept.shift()
    if (isObject(env)) known.set(env, auth)
    return auth
  }
}

function isObject(env: unknown): env is object {
  return typeof env === 'object' && env !== null
}

/** The environment as the factory sees it, and whether another one has the same of all that was read from it. */
function watched<Env>(env: Env): { readonly seen: Env; fits(other: unknown): boolean } {
  if (!isObject(env)) return { seen: env, fits: (other) => other === env }
  const read = new Map<PropertyKey, unknown>()
  const asked = new Map<PropertyKey, boolean>()
  /** Something was read that cannot be compared: what a method returned, or which keys there are. */
  let isOpaque = false
  const seen = new Proxy<object>(env, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      read.set(name, value)
      if (typeof value !== 'function' || Object.hasOwn(target, name)) return value
      // A method of a server's own class takes no proxy for `this`. What was put into the object is handed over as it is.
      isOpaque = true
      return value.bind(target)
    },
    has(target, name) {
      asked.set(name, Reflect.has(target, name))
      return Reflect.has(target, name)
    },
    ownKeys(target) {
      isOpaque = true
      return Reflect.ownKeys(target)
    },
    getOwnPropertyDescriptor(target, name) {
      isOpaque = true
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
  const fits = (other: unknown): boolean => {
    if (isOpaque || !isObject(other)) return false
    for (const [name, isThere] of asked) if (Reflect.has(other, name) !== isThere) return false
    for (const [name, value] of read) if (!Object.is(Reflect.get(other, name), value)) return false
    return true
  }
  return { seen: seen as Env, fits }
}
