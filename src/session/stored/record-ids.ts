import { BoundedMap } from '../../base/bounded-map.ts'
import { flatCopy } from '../../base/flat-copy.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { UserLike } from '../../user/user.ts'
import type { SessionEnvironment } from '../session-kind.ts'

/** `1.` is the version of the format; then 256 random bits as base64url. */
const VALUE = /^1\.[\w-]{43}$/
const REMEMBERED = 10_000

/**
 * The ids under which a store keeps records. Cached, because every request needs one and they never change: a look-up
 * instead of 2 µs of SHA-256.
 */
export class RecordIds {
  readonly #scope: string
  readonly #ids = new BoundedMap<string, string>(REMEMBERED)
  readonly #owners = new BoundedMap<string | number, string>(REMEMBERED)

  /** One store can hold the sessions of several cookies and namespaces. No cookie's name contains a colon. */
  constructor({ cookieName, namespace }: Pick<SessionEnvironment, 'cookieName' | 'namespace'>) {
    this.#scope = namespace === '' ? cookieName : `${namespace.length}:${namespace}:${cookieName}`
  }

  /** The id of the record that a cookie value opens; `null` if the value is not in our format. */
  of(value: string): string | null {
    const known = this.#ids.get(value)
    return known !== undefined || !VALUE.test(value) ? (known ?? null) : this.ofNew(flatCopy(value))
  }

  /** The id of a value that has just been made. */
  ofNew(value: string): string {
    const id = sha256Base64url(`${this.#scope}=${value}`)
    this.#ids.set(value, id)
    return id
  }

  /** One key for all sessions of a user of this app. Ids keep their type; none is too long for an index. */
  ownerOf(userId: UserLike['id']): string {
    const known = this.#owners.get(userId)
    if (known !== undefined) return known
    const owner = sha256Base64url(`${this.#scope}:user:${typeof userId}:${userId}`)
    this.#owners.set(userId, owner)
    return owner
  }
}
