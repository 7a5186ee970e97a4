import * as nodeRs from '@node-rs/argon2'
import { type Auth, createAuth, type DeviceList } from 'latchkey'
import type { AuthVariables } from 'latchkey/hono'
import { argon2id, nodeRsArgon2 } from 'latchkey/password'
import type { Engine } from './engine.ts'
import type { User } from './users.ts'

export const passwords = argon2id({ derive: nodeRsArgon2(nodeRs) })

/** There is a list of devices where sessions are stored, and none where they are sealed: the app asks. */
type Devices = DeviceList | undefined

/** What Hono knows in each handler. */
export type Env = { Variables: AuthVariables<User, Devices> }

export interface DemoAuthOptions extends Engine {
  readonly secret: string
  readonly origin: string
}

/** The whole configuration. */
export function demoAuth({ users, sessions, secret, origin }: DemoAuthOptions): Auth<User, Devices> {
  return createAuth({
    users,
    sessions,
    secret,
    origin,
    passwords,
    // Low, so that a person can see it happen.
    throttle: { perAccount: 5, windowSeconds: 300 },
  })
}
