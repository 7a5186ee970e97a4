import type { UserProvider } from 'latchkey'

export interface User {
  readonly id: string | number
  hashedPassword: string | null
  readonly displayName: string
  scopes: string[]
  readonly isActive: boolean
}

const UUID = '00000000-0000-4000-8000-000000000001'

type Seed = [keys: string[], id: string | number, password: string | null, name: string, scopes?: string[]]

/** As USERS.md has them. */
const SEEDS: readonly Seed[] = [
  [['root@localhost'], 'root@localhost', 'pa$$word', 'Root'],
  [['customer@localhost'], 'customer@localhost', 'customer-pw', 'Customer'],
  [
    ['impersonator@localhost'],
    'impersonator@localhost',
    'imp-pw',
    'Impersonator',
    ['auth:impersonate_others', 'reports:read'],
  ],
  [['support@localhost'], 'support@localhost', 'support-pw', 'Support', ['support:impersonate']],
  [['colon@localhost'], 'colon@localhost', 'pass:wo:rd', 'Colon'],
  [['user:colon'], 'user:colon', 'x', 'User Colon'],
  [['ünï@localhost'], 'ünï@localhost', 'pässwörd✓', 'Ünïcode'],
  [['empty@localhost'], 'empty@localhost', '', 'Empty Hash'],
  [['nopass@localhost'], 'nopass@localhost', null, 'No Password'],
  [['inactive@localhost'], 'inactive@localhost', 'inactive-pw', 'Inactive'],
  [['falsy@localhost'], 'falsy@localhost', 'falsy-pw', 'Falsy'],
  [
    ['pbkdf2@localhost'],
    'pbkdf2@localhost',
    '$pbkdf2$131000$xfhfaw1hrNU6ByAkBKA0Zg$qT.ZZYscSAUS4Btk/Q2rkAZQc5E',
    'Pbkdf2',
  ],
  [[''], '', 'empty-name-pw', 'Empty Name'],
  [['int@localhost', '42', 'int-token'], 42, 'int-pw', 'Int'],
  [['zero@localhost', '0'], 0, 'zero-pw', 'Zero'],
  [['uuid@localhost', UUID], UUID, 'uuid-pw', 'Uuid'],
]

/** A token must be a token68, and an address is none: in tokens, `~` stands for `@`. */
export const asToken = (text: string): string => text.replaceAll('@', '~')

/** The table of one scenario: three look-ups, where imia has one map. */
export class Users {
  readonly #byKey = new Map<string, User>()
  readonly events: string[] = []

  constructor() {
    for (const [keys, id, hashedPassword, displayName, scopes = []] of SEEDS) {
      const user = {
        id,
        hashedPassword,
        displayName,
        scopes: [...scopes],
        isActive: displayName !== 'Inactive',
      }
      for (const key of keys) this.#byKey.set(key, user)
    }
  }

  get(key: string): User {
    const user = this.#byKey.get(key)
    if (!user) throw new Error(`no user ${key}`)
    return user
  }

  delete(key: string): void {
    this.#byKey.delete(key)
  }

  provider(): UserProvider<User> {
    const all = () => [...new Set(this.#byKey.values())]
    return {
      findById: (id) => all().find((user) => user.id === id) ?? null,
      findByUsername: (username) => {
        this.events.push(`find_by_username:${username}`)
        return this.#byKey.get(username) ?? null
      },
      findByToken: (token) => {
        this.events.push(`find_by_token:${token}`)
        return [...this.#byKey].find(([key]) => key === token || asToken(key) === token)?.[1] ?? null
      },
    }
  }
}
