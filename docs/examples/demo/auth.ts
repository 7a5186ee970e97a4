import * as nodeRs from '@node-rs/argon2'
import { type Auth, createAuth } from 'latchkey'
import { argon2id, nodeRsArgon2 } from 'latchkey/password'
import type { User, Users } from './users.ts'

export const passwords = argon2id({ derive: nodeRsArgon2(nodeRs) })

export interface DemoAuthOptions {
  readonly users: Users
  readonly secret: string
  readonly origin: string
}

/** The whole configuration. Sessions are the default: sealed in an encrypted cookie, no store to run. */
export function demoAuth({ users, secret, origin }: DemoAuthOptions): Auth<User> {
  return createAuth({
    users,
    secret,
    origin,
    passwords,
    // Low, so that a person can see it happen.
    throttle: { perAccount: 5, windowSeconds: 300 },
  })
}
