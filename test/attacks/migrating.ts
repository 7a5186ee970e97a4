import { migrateSession, type PreviousSession, type SessionMigration } from 'latchkey'
import type { TestUser } from '../app.ts'

/** What an old session held. */
export interface OldData {
  readonly userId?: string
  readonly cart?: unknown
}

export const OLD = 'old.sid'

/** An app's previous library: a store of sessions by the value of their cookie, with callbacks for what fails. */
export class OldLibrary {
  readonly sessions: Map<string, OldData> = new Map<string, OldData>()
  reads = 0
  /** Called with each step. What it throws is the failure of the store. */
  before: (step: 'read' | 'end', value: string) => unknown = () => {}

  put(value: string, data: OldData): string {
    this.sessions.set(value, data)
    return value
  }

  /** The migration from it. */
  migrate(
    change: Partial<PreviousSession<TestUser, OldData & { id: string }>> = {},
  ): SessionMigration<TestUser> {
    return migrateSession<TestUser, OldData & { id: string }>({
      cookie: { name: OLD },
      read: async (id) => {
        this.reads++
        await this.before('read', id)
        const data = this.sessions.get(id)
        return data ? { ...data, id } : null
      },
      findUser: ({ userId }) => (userId === undefined ? null : USERS.get(userId)),
      dataOf: ({ cart }) => ({ cart }),
      end: async ({ id }) => {
        await this.before('end', id)
        this.sessions.delete(id)
      },
      ...change,
    })
  }
}

/** The users of `testApp`, as the old app names them. */
const USERS: ReadonlyMap<string, TestUser> = new Map(
  [
    { id: 'alice', hashedPassword: 'plain:wonderland' },
    { id: 'bob', hashedPassword: 'plain:builder' },
    { id: 'carol', hashedPassword: 'plain:carol', disabled: true },
  ].map((user) => [user.id, user]),
)
