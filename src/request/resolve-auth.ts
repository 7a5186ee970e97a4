import type { UserLike } from '../user/user.ts'
import type { Auth } from './auth.ts'

/**
 * An `Auth`, or a function that makes one from an environment, where secrets arrive per request (Workers'
 * `env`).
 */
export type AuthOrFactory<User extends UserLike, Env = unknown, Devices = unknown> =
  | Auth<User, Devices>
  | ((env: Env) => Auth<User, Devices>)

/** Returns a function that gives the `Auth` for an environment. A factory is called once per environment. */
export function resolveAuth<User extends UserLike, Env, Devices>(
  source: AuthOrFactory<User, Env, Devices>,
): (env: Env) => Auth<User, Devices> {
  if (typeof source !== 'function') return () => source
  const made = new WeakMap<object, Auth<User, Devices>>()
  return (env) => {
    if (typeof env !== 'object' || env === null) return source(env)
    let auth = made.get(env)
    if (!auth) {
      auth = source(env)
      made.set(env, auth)
    }
    return auth
  }
}
