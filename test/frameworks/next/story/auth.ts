import { createAuth } from 'latchkey'
import { latchkey } from 'latchkey/next'

export interface User {
  readonly id: string
  readonly displayName: string
  readonly hashedPassword: string
}

/** How often a user was looked up, for the test in this process. Next loads this file once per bundle. */
declare global {
  var storyLookups: number
}
globalThis.storyLookups ??= 0

const userOf = (id: unknown): User | null =>
  typeof id === 'string' && /^(ada|u\d+)$/.test(id)
    ? { id, displayName: `Name of ${id}`, hashedPassword: `plain:secret of ${id}` }
    : null

/** Without `origin`: the harder case, since Next tells no origin that is true. */
export const configured = createAuth<User>({
  secret: 'a-test-secret-of-more-than-32-bytes-0001',
  users: {
    findById(id) {
      globalThis.storyLookups++
      return userOf(id)
    },
    findByUsername: userOf,
  },
  passwords: {
    verify: (text, hashed) => hashed === `plain:${text}`,
    hash: (text) => `plain:${text}`,
    dummyHash: 'plain:-no-password-has-this-text-',
  },
})
export const auth = latchkey(configured)
