import type { Secret, UserLike } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { Keyring } from '../../../src/crypto/keys.ts'
import { SessionHash } from '../../../src/session/session-hash.ts'

const OLD = 'a-test-secret-of-more-than-32-bytes-0001'
const NEW = 'a-newer-secret-of-more-than-32-bytes-00002'
const NEWEST = 'the-newest-secret-of-more-than-32-bytes-3'

const hashes = (secret: Secret = OLD) => new SessionHash(new Keyring(secret))
const alice: UserLike = { id: 'alice', hashedPassword: 'plain:wonderland' }

describe('the hash', () => {
  test('is the id of its key and 256 bits as base64url, and the same for the same user', async () => {
    const hash = await hashes().of(alice)
    expect(hash).toMatch(/^[0-9a-f]{8}\.[\w-]{43}$/)
    expect(await hashes().of({ ...alice })).toBe(hash)
  })

  test.each<[sentence: string, one: UserLike, other: UserLike]>([
    ['another user', alice, { ...alice, id: 'bob' }],
    ['a number as id, and the same digits as text', { ...alice, id: 42 }, { ...alice, id: '42' }],
    ['another password', alice, { ...alice, hashedPassword: 'plain:new' }],
    ['no password', alice, { ...alice, hashedPassword: null }],
    [
      'an empty password hash, and none',
      { ...alice, hashedPassword: '' },
      { ...alice, hashedPassword: null },
    ],
    ['a raised epoch', alice, { ...alice, sessionEpoch: 1 }],
    ['another epoch', { ...alice, sessionEpoch: 1 }, { ...alice, sessionEpoch: 2 }],
    [
      'fields that come to one text without their lengths',
      { id: 'alice1', hashedPassword: null, sessionEpoch: 0 },
      { id: 'alice', hashedPassword: null, sessionEpoch: 10 },
    ],
  ])('is another one for %s', async (_, one, other) => {
    const shared = hashes()
    const hash = await shared.of(one)
    expect(await shared.of(other)).not.toBe(hash)
    // Nor where nothing is remembered.
    expect(await hashes().of(other)).not.toBe(hash)
  })

  test('is the same for an epoch that is missing and one of zero', async () => {
    expect(await hashes().of({ ...alice, sessionEpoch: 0 })).toBe(await hashes().of(alice))
  })

  test('is the same for a password that is missing and one that is null', async () => {
    expect(await hashes().of({ id: 'sso' })).toBe(await hashes().of({ id: 'sso', hashedPassword: null }))
  })

  test('is the same for a password hash that was renewed with the stamp of the one before', async () => {
    const stamp = 'A'.repeat(22)
    const renewed = (cost: number) => ({ ...alice, hashedPassword: `$x$c=${cost},stamp=${stamp}$salt$hash` })
    expect(await hashes().of(renewed(2))).toBe(await hashes().of(renewed(1)))
  })

  const ID = '53c1ea3c'
  /** Computed by another implementation (Python's hmac): a version that makes others logs every user out. */
  test.each<[sentence: string, user: UserLike, hash: string]>([
    ['a user with a password', alice, 'qm7DCH5IlcTBj0dBTHcGp8Mu9uX0Mozst0AZmw3V8xs'],
    [
      'a user without one',
      { id: 'sso', hashedPassword: null },
      'o0dSIwsC1NAtTySVcZjC999y6STv0uMi05A84CNwQIQ',
    ],
    [
      'a number as id, and an epoch',
      { ...alice, id: 42, sessionEpoch: 3 },
      'RhTL-kSosiSS9WWQ2PA8dHuekL02xvHjO2RsAW24O8A',
    ],
  ])('is the same in every version: %s', async (_, user, hash) => {
    expect(await hashes(OLD).of(user)).toBe(`${ID}.${hash}`)
  })

  test('is made by the first secret', async () => {
    expect(await hashes([NEW, OLD]).of(alice)).toBe(await hashes(NEW).of(alice))
    expect(await hashes([NEW, OLD]).of(alice)).not.toBe(await hashes(OLD).of(alice))
  })

  test('is remembered: the second call returns no promise', async () => {
    const shared = hashes()
    const hash = await shared.of(alice)
    expect(shared.of({ ...alice })).toBe(hash)
    expect(shared.of({ ...alice, sessionEpoch: 1 })).toBeInstanceOf(Promise)
    expect(shared.of({ ...alice, hashedPassword: null })).toBeInstanceOf(Promise)
    expect(shared.of({ ...alice, id: 'bob' })).toBeInstanceOf(Promise)
  })
})

describe('checking a hash', () => {
  const rows: readonly [sentence: string, madeBy: Secret, checkedBy: Secret, verdict: string][] = [
    ['by the one secret', OLD, OLD, 'current'],
    ['by the first of two', NEW, [NEW, OLD], 'current'],
    ['by the second of two', OLD, [NEW, OLD], 'older'],
    ['by the second of three', NEW, [NEWEST, NEW, OLD], 'older'],
    ['by the third of three', OLD, [NEWEST, NEW, OLD], 'older'],
    ['by a secret that is gone', OLD, NEW, 'unknown_key'],
    ['by a secret that is neither of the two', NEWEST, [NEW, OLD], 'unknown_key'],
    ['by the first of the same two', [NEW, OLD], [NEW, OLD], 'current'],
    ['by the first of the same two, in the other order', [NEW, OLD], [OLD, NEW], 'older'],
  ]
  test.each(rows)('made %s', async (_, madeBy, checkedBy, verdict) => {
    const hash = await hashes(madeBy).of(alice)
    const checking = hashes(checkedBy)
    expect(await checking.check(alice, hash)).toBe(verdict)
    // Once more, with the user's own hash remembered.
    expect(await checking.check(alice, hash)).toBe(verdict)
  })

  const changes: readonly [sentence: string, now: UserLike][] = [
    ['the password was changed', { ...alice, hashedPassword: 'plain:new' }],
    ['the password was removed', { ...alice, hashedPassword: null }],
    ['the epoch was raised', { ...alice, sessionEpoch: 1 }],
    ['the user is another one', { ...alice, id: 'bob' }],
  ]
  describe.each<[sentence: string, madeBy: Secret, checkedBy: Secret]>([
    ['one secret', OLD, OLD],
    ['two secrets, made by the first', NEW, [NEW, OLD]],
    ['two secrets, made by the second', OLD, [NEW, OLD]],
  ])('%s', (_, madeBy, checkedBy) => {
    test.each(changes)('is different when %s', async (_, now) => {
      const hash = await hashes(madeBy).of(alice)
      const checking = hashes(checkedBy)
      expect(await checking.check(alice, hash)).not.toBe('different')
      expect(await checking.check(now, hash)).toBe('different')
    })
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 42],
    ['true', true],
    ['an empty text', ''],
    ['an object', {}],
    ['a list of the hash', (hash: string) => [hash]],
    ['an object that turns into the hash', (hash: string) => ({ toString: () => hash })],
    ['a String object', (hash: string) => Object(hash)],
    ['the beginning of it', (hash: string) => hash.slice(0, -1)],
    ['more than it', (hash: string) => `${hash}A`],
    ['it in capitals', (hash: string) => hash.toUpperCase()],
    ['its last character changed', (hash: string) => hash.slice(0, -1) + (hash.endsWith('A') ? 'E' : 'A')],
    ['its first character changed', (hash: string) => (hash.startsWith('A') ? 'B' : 'A') + hash.slice(1)],
  ])('is different for %s', async (_, given) => {
    for (const secret of [OLD, [NEW, OLD]]) {
      const hash = await hashes(OLD).of(alice)
      expect(await hashes(secret).check(alice, typeof given === 'function' ? given(hash) : given)).toBe(
        'different',
      )
    }
  })
})
