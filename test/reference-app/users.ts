import { createHash } from 'node:crypto'
import type { PasswordVerifier, UserProvider } from 'latchkey'
import type { Counters } from './counters.ts'
import type { Faults } from './faults.ts'

/** A row of the user table. What a test puts in may be of any type. */
export interface User {
  id: string | number
  username: string
  displayName: string
  hashedPassword: string | null
  scopes: string[]
  disabled: boolean
  sessionEpoch: number
  secondFactor: boolean
  tokenHashes: string[]
}

interface Seed {
  readonly username: string
  readonly password?: string
  readonly row?: Partial<User>
  readonly token?: string
}

const IMPERSONATOR = ['auth:impersonate_others', 'admin']

const SEEDS: readonly Seed[] = [
  { username: 'alice', password: 'correct horse battery staple', token: 'alice-token-123' },
  { username: 'bob', password: 'hunter2hunter2' },
  {
    username: 'root',
    password: 'r00t-pa$$word:with:colons',
    row: { scopes: IMPERSONATOR },
    token: 'root-token-456',
  },
  { username: 'root2', password: 'second-root-password', row: { scopes: IMPERSONATOR } },
  { username: 'carol', password: 'carol-knows-this', row: { disabled: true } },
  { username: 'dave' },
  { username: 'legacy', password: 'old-and-cheap' },
  { username: 'broken', row: { hashedPassword: '$argon2id$v=19$m=oops,t=2,p=1$broken' } },
  { username: 'longpw', password: 'x'.repeat(80) },
  { username: 'mfa', password: 'two-steps-please', row: { secondFactor: true } },
  { username: 'answer', password: 'the-answer', row: { id: 42 } },
]

export const OTHER_SEEDS: readonly Seed[] = [{ username: 'alice', password: 'other-alice-password' }]

export const hashApiToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface UserTableInit {
  readonly passwords: Required<PasswordVerifier>
  /** Makes the hash of `legacy`, at a lower cost. */
  readonly cheap: Required<PasswordVerifier>
  readonly seeds?: readonly Seed[]
}

/** The user table: found by trimmed names in any case, as most tables do, and by exact ids. */
export class UserTable {
  rows: User[] = []
  readonly #start: readonly User[]

  private constructor(start: readonly User[]) {
    this.#start = start
    this.reset()
  }

  /** Hashes the passwords, once. */
  static async make({ passwords, cheap, seeds = SEEDS }: UserTableInit): Promise<UserTable> {
    const rows: User[] = []
    for (const { username, password, row, token } of seeds) {
      const verifier = username === 'legacy' ? cheap : passwords
      const hashedPassword = password === undefined ? null : await verifier.hash(password)
      rows.push({
        ...emptyRow(username),
        hashedPassword,
        tokenHashes: token ? [hashApiToken(token)] : [],
        ...row,
      })
    }
    return new UserTable(rows)
  }

  reset(): void {
    this.rows = structuredClone([...this.#start])
  }

  byUsername(username: string): User | undefined {
    const name = username.trim().toLowerCase()
    return this.rows.find((row) => row.username === name)
  }

  add(username: string): User {
    const row = emptyRow(username)
    this.rows.push(row)
    return row
  }

  remove(row: User): void {
    this.rows = this.rows.filter((other) => other !== row)
  }

  /** What the library is given: copies, counted and breakable. */
  provider(counters: Counters, faults: Faults): UserProvider<User> {
    const find = (name: string, matches: (row: User) => boolean) => {
      counters.add(name)
      return faults.pass('users', false, () => structuredClone(this.rows.find(matches) ?? null))
    }
    return {
      findById: (id) => find('findById', (row) => row.id === id),
      findByUsername: (username) =>
        find('findByUsername', (row) => row.username === username.trim().toLowerCase()),
      findByToken: (token) => find('findByToken', (row) => row.tokenHashes.includes(hashApiToken(token))),
      upgradeHash: (user, { from, to }) =>
        faults.pass('users', true, () => {
          const row = this.rows.find(({ id, hashedPassword }) => id === user.id && hashedPassword === from)
          if (row) row.hashedPassword = to
        }),
    }
  }
}

function emptyRow(username: string): User {
  return {
    id: username,
    username,
    displayName: `${username[0]?.toUpperCase()}${username.slice(1)}`,
    hashedPassword: null,
    scopes: [],
    disabled: false,
    sessionEpoch: 0,
    secondFactor: false,
    tokenHashes: [],
  }
}
