import { expect } from 'vitest'
import { type Observed, Oracle } from './oracle.ts'
import type { Profile, Scenario } from './scenario.ts'

type Steps = (n: number) => Observed
type Mended = (scenario: Scenario, profile: Profile) => Promise<void>

/** Replays the scenario, and looks at its steps. */
const by =
  (look: (step: Steps, scenario: Scenario) => void, change: Partial<Profile['auth']> = {}): Mended =>
  async (scenario, profile) => {
    const auth = profile.auth && { ...profile.auth, ...change }
    const results = await new Oracle({ ...profile, auth }).run(scenario)
    look((n) => results.get(n) as Observed, scenario)
  }

const who = ({ auth }: Observed): unknown => auth?.user_id ?? null
const isNobody = (seen: Observed): void => {
  expect(seen.auth?.state).toBe('ANONYMOUS')
  expect(seen.raised).toBeNull()
}
const refused = (seen: Observed): void => {
  expect(seen.location).toBe('/login?error=invalid_credentials')
  isNobody(seen)
}
const data = ({ session }: Observed): string[] =>
  Object.keys(session).filter((key) => !key.startsWith('_auth'))
/** Nothing of whom somebody else planted the session for. */
const attackerIsNobody = (n: number): Mended => by((step) => isNobody(step(n)))
const builtIsRefused =
  (message: RegExp): Mended =>
  async (_, profile) =>
    expect(() => new Oracle(profile)).toThrow(message)

/**
 * Basic credentials that are none. imia lets such a request go on as nobody, under `do_nothing`; where a user is
 * required, ours is answered by 401 and a challenge.
 */
const noCredential = (calls: number): Mended =>
  by((step, { steps }) => {
    for (const { n } of steps as readonly { n: number }[]) {
      isNobody(step(n))
      expect(step(n).events).toHaveLength(calls)
    }
  })

/** For each fault what `better` asks for, in one line of the scenario's own steps. */
export const BETTER: Record<string, Mended> = {
  'basic-unknown-user': by((step) => {
    isNobody(step(1))
    expect(step(1).events).toEqual(['find_by_username:missing@localhost', 'verify:false'])
  }),
  'basic-password-colon': by((step) => expect(who(step(1))).toBe('colon@localhost')),
  'basic-not-base64': noCredential(0),
  'basic-no-colon': noCredential(0),
  'basic-not-utf8': noCredential(0),
  'basic-no-space': by((step) => {
    // Neither is the scheme Basic: no credential at all, and so the challenge.
    for (const n of [1, 2]) expect(step(n).status).toBe(401)
  }),
  'basic-prefix-other': by((step) => expect(step(1).status).toBe(401)),
  'basic-junk-in-base64': noCredential(0),
  'basic-then-bearer': by((step) => {
    expect(who(step(1))).toBe('root@localhost')
    expect(who(step(2))).toBe('root@localhost')
  }),
  'guards-unknown-user-attr': by((step) => {
    refused(step(1))
    refused(step(2))
  }),
  'guards-before-password-leak': by((step) => refused(step(1))),
  'guards-two-deny': by((step) => expect(step(1).raised).toBe('AuthenticationError')),
  'imp-guard-anonymous': by((step) => {
    isNobody(step(1))
    expect(step(2).json).toEqual({ current_user: null, active: false, original_user: null })
  }),
  'imp-guard-async': by((step) => expect(step(1).auth?.state).toBe('FRESH')),
  'imp-unknown-target-while-active': by((step) => {
    for (const n of [2, 3, 4])
      expect([who(step(n)), step(n).auth?.original_user_id]).toEqual(['customer@localhost', 'root@localhost'])
  }),
  'imp-self': by((step) => {
    expect(step(2).auth?.state).toBe('FRESH')
    expect(data(step(2))).toEqual([])
  }),
  'imp-no-regenerate': by((step) => {
    expect(step(2).auth?.state).toBe('IMPERSONATOR')
    expect(step(2).sidKept).toBe(false)
    expect(step(3).auth?.state).toBe('FRESH')
    expect(step(3).sidKept).toBe(false)
  }),
  'imp-scope-revoked': by((step, { steps }) => {
    const after = steps.filter((one) => one.control === undefined).slice(2) as { n: number }[]
    for (const { n } of after) {
      expect(who(step(n))).toBe('impersonator@localhost')
      expect(data(step(n))).toEqual([])
    }
  }),
  'imp-planted-before-login': by((step) => {
    for (const n of [3, 4]) expect([step(n).auth?.state, data(step(n))]).toEqual(['FRESH', []])
  }),
  'imp-excluded-path-anonymous': by((step) => {
    // Known there as everywhere, and never somebody without a real one behind him.
    expect(step(3).auth?.original_user_id).toBe('root@localhost')
  }),
  'imp-apikey-session': by((step) => {
    expect(step(1).auth?.state).toBe('FRESH')
    expect(step(1).session).toEqual({})
    isNobody(step(3))
  }),
  'imp-int-target': by((step) => {
    expect(who(step(2))).toBe(42)
    expect(who(step(4))).toBe(42)
  }),
  // This user has no right of his own by which it could be told that he is more: that is for a guard to say, which
  // sees both. Who has the right himself is refused; see `impersonation-entering.test.ts`.
  'imp-escalation': by((step) => expect(step(2).auth?.original_user_id).toBe('impersonator@localhost')),
  'login-unknown-user-no-verify': by((step) => {
    refused(step(1))
    refused(step(2))
    for (const n of [1, 2])
      expect(step(n).events.filter((event) => event.startsWith('verify'))).toHaveLength(1)
  }),
  'login-missing-fields': by((step) => {
    refused(step(1))
    expect(step(1).events).toEqual([])
  }),
  'login-missing-password': by((step) => {
    refused(step(1))
    expect(step(1).events).toEqual([])
  }),
  'login-empty-password': by((step) => {
    refused(step(1))
    refused(step(2))
    isNobody(step(3))
  }),
  'login-no-regenerate-ss2': attackerIsNobody(3),
  'login-literal-id-fixation-ss2': by((step) => {
    expect(step(1).sidKept).toBe(false)
    isNobody(step(2))
  }),
  'login-int-id-twice': by((step) => {
    expect(step(3).sidKept).toBe(false)
    expect(step(4).session.example).toBe(1)
    expect(step(4).session._auth_user_id).toBe(42)
  }),
  'login-uuid-id-json': by((step) => expect(who(step(2))).toBe('00000000-0000-4000-8000-000000000001')),
  'login-null-hash': by((step) => expect(who(step(2))).toBe('nopass@localhost')),
  'login-null-hash-form': by((step) => refused(step(1))),
  'login-async-verifier': by((step) => {
    refused(step(1))
    isNobody(step(2))
  }),
  'login-empty-secret': builtIsRefused(/secret/),
  'logout-replay': attackerIsNobody(3),
  'logout-replay-ss1-locked': attackerIsNobody(3),
  // Documented; a revocation list or the epoch ends it: `test/attacks/seals.test.ts`, `revocation.test.ts`.
  'logout-replay-starlette': by((step) => expect(step(2).auth?.state).toBe('ANONYMOUS')),
  'mw-redirect-default-loop': by((step) => {
    expect(step(1).status).toBe(200)
    expect(step(2).location).toMatch(/^\/\?next=/)
  }),
  'mw-unknown-action': builtIsRefused(/onFailure/),
  'mw-exclude-query-bypass': by((step) => {
    for (const n of [1, 2, 3]) expect(step(n).raised).toBe('AuthenticationError')
  }),
  'mw-exclude-host-bypass': by((step) => {
    for (const n of [1, 2]) expect(step(n).status).toBe(303)
  }),
  'mw-include-anchored': by((step) => {
    expect(step(1).raised).toBe('AuthenticationError')
    expect(who(step(2))).toBe('root@localhost')
  }),
  'mw-exclude-dollar': by((step) => {
    for (const n of [1, 2]) expect(step(n).status).toBe(200)
  }),
  'relogin-old-id-alive': by((step) => {
    expect(step(2).sidKept).toBe(false)
    isNobody(step(3))
  }),
  'relogin-other-user-ss2': attackerIsNobody(3),
  'relogin-hash-differs-same-id': by((step) => {
    expect(step(2).sidKept).toBe(false)
    isNobody(step(3))
  }),
  'relogin-hash-missing': by((step) => expect(data(step(4))).toEqual([])),
  'relogin-hash-empty': by((step) => expect(data(step(5))).toEqual([])),
  'relogin-hash-non-ascii': by((step) => expect(who(step(3))).toBe('root@localhost')),
  'session-id-without-hash': attackerIsNobody(2),
  'session-wrong-hash': attackerIsNobody(3),
  'session-password-changed': by((step, { steps }) => {
    const last = steps.at(-1) as { n: number }
    isNobody(step(last.n))
  }),
  'bearer-username-is-token': by((step) => {
    // Tokens have a look-up of their own in every provider of ours. This one was given the same keys on purpose.
    expect(step(1).events).toEqual(['find_by_token:customer~localhost'])
  }),
}
