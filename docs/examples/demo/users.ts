import type { UserProvider } from 'latchkey'

export interface User {
  readonly id: string
  readonly email: string
  readonly displayName: string
  readonly hashedPassword: string
  readonly disabled: boolean
}

export interface NewUser {
  readonly email: string
  readonly displayName: string
  readonly hashedPassword: string
  readonly disabled?: boolean
}

/** What the library asks of users, and the little that this app asks on top. */
export interface Users extends UserProvider<User> {
  /** `null`: the address is taken. */
  add(user: NewUser): Promise<User | null>
  /** `null`: the password was changed by somebody else since `user` was read. */
  changePassword(user: User, hashedPassword: string): Promise<User | null>
  isEmpty(): Promise<boolean>
}

/** One spelling per account, for those who are stored and those who are looked for. */
export const normalizeEmail = (email: string): string => email.trim().toLowerCase()
