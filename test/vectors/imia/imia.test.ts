import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { BETTER } from './better.ts'
import { DEVIATIONS, type Excused } from './deviations.ts'
import { type Observed, Oracle } from './oracle.ts'
import { type Profile, profiles, type RequestStep, type Scenario, scenarios } from './scenario.ts'

const PROFILES = profiles()
const ALL = scenarios()
const of = (verdict: Scenario['verdict']): readonly Scenario[] => ALL.filter((one) => one.verdict === verdict)

const leftOut = [...of('python'), ...of('store')]
if (leftOut.length > 0)
  console.log(
    `Not replayed, for they are Python's or a session library's own: ${leftOut.map(({ id }) => id).join(', ')}`,
  )

/** Where the recorded and ours mean the same and are spelt differently. */
const OUR_KEYS = /^_auth_(method|time)$|^_impersonator_|^_impersonation_/

function sessionOf(data: Readonly<Record<string, unknown>> | null): Record<string, unknown> {
  const kept = Object.entries(data ?? {}).filter(([key]) => !OUR_KEYS.test(key) && key !== 'planted')
  // SHA-256 over other fields than imia's SHA-1: that there is one is what both have in common.
  return Object.fromEntries(kept.map(([key, value]) => [key, key === '_auth_user_hash' ? 'a hash' : value]))
}

/** A redirect by 303, so that a form is not sent twice; and with the way back. */
const statusOf = (status: number): number => (status === 307 ? 303 : status)
const placeOf = (location: string | null): string | null => location?.replace(/[?&]next=[^&]*$/, '') ?? null

/** What always regenerates the id, whoever it is. */
const CHANGES_ID = /^POST \/login|^GET \/custom-login|impersonat/

/** What is compared of a step: recorded, and seen. */
function bothSides(
  { request, expect: recorded }: RequestStep,
  seen: Observed,
  { session }: Profile,
): Record<string, [recorded: unknown, seen: unknown]> {
  const isDump = request.path.startsWith('/session')
  const asJson = (json: unknown) => (isDump ? sessionOf(json as Record<string, unknown>) : json)
  const hasKeptId =
    recorded.sent_sid === null || recorded.set_cookie === null
      ? null
      : recorded.sent_sid === recorded.set_cookie.sid
  const isIdCompared =
    session.startsWith('ss') &&
    hasKeptId !== null &&
    seen.sidKept !== null &&
    !CHANGES_ID.test(`${request.method} ${request.path}`)
  return {
    status: [statusOf(recorded.status), seen.status],
    location: [placeOf(recorded.location), placeOf(seen.location)],
    // RFC 7617 has a charset by now.
    challenge: [recorded.www_authenticate, seen.wwwAuthenticate?.replace(', charset="UTF-8"', '') ?? null],
    json: [asJson(recorded.json), asJson(seen.json)],
    raised: [recorded.raised?.type ?? null, seen.raised],
    auth: [recorded.auth, seen.auth],
    // What an exception has left in memory is not what is kept.
    session:
      recorded.raised || recorded.session === null
        ? [null, null]
        : [sessionOf(recorded.session), sessionOf(seen.session)],
    keptId: isIdCompared ? [hasKeptId, seen.sidKept] : [null, null],
  }
}

describe('imia’s behaviour, recorded: what is to be as it was', () => {
  test.each(of('match').map((scenario) => [scenario.id, scenario.title, scenario] as const))(
    '%s: %s',
    async (_, __, scenario) => {
      const profile = PROFILES[scenario.profile] as Profile
      if (isDeviating(scenario.steps[0] as RequestStep, profile, []).excused === 'rest') return
      const results = await new Oracle(profile).run(scenario)
      const before: RequestStep[] = []
      for (const step of scenario.steps) {
        if (step.control !== undefined) continue
        const { excused } = isDeviating(step, profile, before)
        if (excused === 'rest') return
        before.push(step)
        const sides = bothSides(step, results.get(step.n) as Observed, profile)
        for (const name of excused ?? []) delete sides[name]
        const seen = Object.fromEntries(Object.entries(sides).map(([name, [, ours]]) => [name, ours]))
        const recorded = Object.fromEntries(Object.entries(sides).map(([name, [theirs]]) => [name, theirs]))
        expect(seen, `step ${step.n}: ${step.request.method} ${step.request.path}`).toEqual(recorded)
      }
    },
  )
})

function isDeviating(
  step: RequestStep,
  profile: Profile,
  before: readonly RequestStep[],
): { readonly names: readonly string[]; readonly excused: Excused | null } {
  const found = Object.entries(DEVIATIONS).flatMap(([name, rule]) => {
    const excused = rule(step, profile, before)
    return excused === null ? [] : [{ name, excused }]
  })
  const names = found.map(({ name }) => name)
  if (found.length === 0) return { names, excused: null }
  return found.some(({ excused }) => excused === 'rest')
    ? { names, excused: 'rest' }
    : { names, excused: found.flatMap(({ excused }) => excused as readonly never[]) }
}

describe('where imia’s behaviour is not ours', () => {
  const record = readFileSync(path.join(import.meta.dirname, '../../../docs/decisions/015-imia.md'), 'utf8')

  test.each(Object.keys(DEVIATIONS))('the decision record gives the reason: %s', (name) => {
    expect(record).toContain(`**${name[0]?.toUpperCase()}${name.slice(1)}`)
  })

  test('the record lists the scenarios that it is about', () => {
    if (process.env.IMIA_VECTORS) return
    const deviating = of('match').filter(({ steps, profile }) => {
      const before: RequestStep[] = []
      return steps.some((step) => {
        if (step.control !== undefined) return false
        const { excused } = isDeviating(step, PROFILES[profile] as Profile, before)
        before.push(step)
        return excused !== null
      })
    })
    for (const { id } of deviating) expect(record, id).toContain(`\`${id}\``)
  })
})

describe('imia’s faults, mended', () => {
  test.each(
    of('differ').map((scenario) => [scenario.id, scenario.better ?? scenario.title, scenario] as const),
  )('%s: %s', async (id, _, scenario) => {
    const profile = PROFILES[scenario.profile] as Profile
    const mended = BETTER[id]
    if (mended) return mended(scenario, profile)
    // One that is not known here: whatever it is about, it is no way to bring a request down.
    const results = await new Oracle(profile).run(scenario)
    for (const { status, raised } of results.values()) if (raised === null) expect(status).toBeLessThan(500)
  })

  test('each fault that is known here is looked at', () => {
    if (process.env.IMIA_VECTORS) return
    expect(
      of('differ')
        .map(({ id }) => id)
        .filter((id) => !BETTER[id]),
    ).toEqual([])
  })
})
