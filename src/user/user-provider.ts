import type { MaybePromise } from '../base/maybe-promise.ts'
import type { UserLike } from './user.ts'

/**
 * Finds users. A missing user is `null` (or `undefined`), never an exception. An exception means that the
 * table behind it failed; then no login succeeds and no session is dropped.
 */
export interface UserProvider<User extends UserLike> {
  /**
   * Finds a user by id. The id has the type that it had at login, and the returned user must have exactly
   * this id.
   */
  findById(id: User['id']): MaybePromise<User | null | undefined>
  /** Finds a user by the name as it was typed in. How names are matched is up to the provider. */
  findByUsername(username: string): MaybePromise<User | null | undefined>
  /**
   * Finds a user by an API token or key, for authenticators that read one. Look it up as
   * `hashApiToken(token)`.
   */
  findByToken?(token: string): MaybePromise<User | null | undefined>
  /**
   * Stores `to`, a stronger hash of the same password, in place of `from`, at a login. Must do so only if
   * `from` is still stored; otherwise the password was changed meanwhile. Default: hashes are not upgraded.
   */
  upgradeHash?(user: User, change: { readonly from: string; readonly to: string }): MaybePromise<void>
}
