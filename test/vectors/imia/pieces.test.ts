import { authenticatedToken, type UserLike } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { anonymousToken } from '../../../src/user/user-token.ts'
import { Oracle } from './oracle.ts'
import { type Profile, profiles, readVectors } from './scenario.ts'

interface TokenVector {
  readonly id: string
  readonly is_authenticated: boolean
  readonly is_anonymous: boolean
  readonly user_id: UserLike['id'] | null
  readonly display_name: string
  readonly scopes: readonly string[]
  readonly state: string
  readonly original_user_id: UserLike['id'] | null
  readonly contains_a: boolean
}

/** A state that its user contradicts cannot be made here: the type has a user or is anonymous. */
const CANNOT_BE = ['real-user-anonymous-state', 'anonymous-user-fresh-state', 'impersonator-of-anonymous']

describe('imia’s user tokens', () => {
  const { vectors } = readVectors<{ vectors: readonly TokenVector[] }>('usertoken.json')

  test.each(
    vectors.filter(({ id }) => !CANNOT_BE.includes(id)).map((vector) => [vector.id, vector] as const),
  )('%s', (_, vector) => {
    const told = { method: 'password', authTime: 0, expiresAt: null }
    const { original_user_id: originalId } = vector
    const originalToken =
      originalId === null ? null : authenticatedToken({ user: { id: originalId }, state: 'fresh', ...told })
    const user = { id: vector.user_id ?? '', displayName: vector.display_name, scopes: vector.scopes }
    const state = vector.state.toLowerCase() as 'fresh'
    const token = vector.is_anonymous
      ? anonymousToken()
      : authenticatedToken({ user, state, ...told, originalToken })
    expect({
      is_authenticated: token.isAuthenticated,
      is_anonymous: token.isAnonymous,
      user_id: token.userId,
      display_name: token.displayName,
      scopes: token.scopes,
      state: token.state.toUpperCase(),
      original_user_id: token.originalUserId,
      contains_a: token.has('a'),
    }).toEqual({
      is_authenticated: vector.is_authenticated,
      is_anonymous: vector.is_anonymous,
      user_id: vector.user_id,
      display_name: vector.display_name,
      scopes: vector.scopes,
      state: vector.state,
      original_user_id: originalId,
      contains_a: vector.contains_a,
    })
    expect(Object.isFrozen(token)).toBe(true)
  })
})

describe('imia’s constructors: what is wrong is refused when it is built', () => {
  const { vectors } = readVectors<{ vectors: readonly { id: string; config: Partial<Profile> }[] }>(
    'construct.json',
  )
  const base = profiles().mw_do_nothing as Profile
  /** imia lets these pass, or refuses what here has a meaning: a parenthesis in a path is just that. */
  const FINE = [
    'bad-regex',
    'redirect-none-but-raise',
    'include-and-exclude',
    'include-and-exclude-empty',
    'no-authenticators',
  ]

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (id, { config }) => {
    const build = () => new Oracle({ ...base, ...config })
    if (id === 'include-and-exclude') expect(build).toThrow('is not below any `include`')
    else if (FINE.includes(id)) expect(build).not.toThrow()
    else expect(build).toThrow()
  })
})
