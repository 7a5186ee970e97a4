import { webSha256 } from '../crypto/web-digest.ts'
import type { UserLike } from '../user/user.ts'

/**
 * What attempts are counted under: a digest, so that a shared limiter sees neither names nor addresses, and keys have one
 * length whatever a stranger sends. `name` is for accounts that do not exist.
 */
export function limiterKey(kind: 'network' | 'user' | 'name', text: string, namespace = ''): Promise<string> {
  return webSha256(`latchkey limiter:${namespace.length}:${namespace}:${kind}:${text}`)
}

/** The key of a user. `42` and `'42'` are two. */
export function userKey({ id }: UserLike, namespace?: string): Promise<string> {
  return limiterKey('user', `${typeof id}:${id}`, namespace)
}
