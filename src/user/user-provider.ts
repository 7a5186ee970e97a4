import type { MaybePromise } from '../base/maybe-promise.ts'
import type { UserLike } from './user.ts'

/**
 * Finds users. Missing is `null` (or `undefined`), never an exception; an exception means that the table behind it
 * is broken, and then nobody is let in and nobody's session is dropped.
 */
export interface UserProvider<User extends UserLike> {
  /** By id, which has the type that it had at login. What comes back must have exactly this id. */
  findById(id: User['id']): MaybePromise<User | null | undefined>
  /** By the name that was typed in, as it was typed. How names are matched is the provider's affair. */
  findByUsername(username: string): MaybePromise<User | null | undefined>
  /** By a token or API key, for authenticators that read one. */
  findByToken?(token: string): MaybePromise<User | null | undefined>
  /**
   * Puts a stronger hash of the same password in place of `from`, at login. Only if `from` is still what is stored:
   * otherwise the password was changed meanwhile. Left out: hashes are not upgraded.
   */
  upgradeHash?(user: User, change: { readonly from: string; readonly to: string }): MaybePromise<void>
}
