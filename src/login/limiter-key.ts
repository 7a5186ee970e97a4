import { webSha256 } from '../crypto/web-digest.ts'
import type { UserLike } from '../user/user.ts'

/** Makes the keys of a limiter, for one namespace. */
export class LimiterKeys {
  readonly #scope: string

  constructor(namespace = '') {
    // The length comes first, so that no namespace and text read like another pair.
    this.#scope = `latchkey limiter:${namespace.length}:${namespace}`
  }

  /**
   * A digest, so that a shared limiter sees neither names nor addresses, and keys have one length whatever a stranger
   * sends. `name` is for accounts that do not exist.
   */
  of(kind: 'network' | 'user' | 'name', text: string): Promise<string> {
    return webSha256(`${this.#scope}:${kind}:${text}`)
  }

  /** The key of a user. `42` and `'42'` are two. */
  ofUser({ id }: UserLike): Promise<string> {
    return this.of('user', `${typeof id}:${id}`)
  }
}
