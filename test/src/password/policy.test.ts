import { type PasswordPolicyOptions, passwordPolicy } from 'latchkey/password'
import { describe, expect, expectTypeOf, test } from 'vitest'

const NAMES = ['alice', 'alice.liddell@example.com']
const site = { names: ['Wonderland Books', 'wonderland.test'] }
const ok = (password: string) => ({ ok: true, password })
const no = (reason: string) => ({ ok: false, reason })

describe('the length', () => {
  test.each<[sentence: string, options: PasswordPolicyOptions, password: unknown, expected: object]>([
    ['15 characters', {}, 'tea at five, ok', ok('tea at five, ok')],
    ['14 characters', {}, 'tea at five ok', no('too_short')],
    ['8, with a second factor', { minLength: 8 }, 'tea at 5', ok('tea at 5')],
    ['7, with a second factor', { minLength: 8 }, 'tea at5', no('too_short')],
    ['nothing', { minLength: 8 }, '', no('too_short')],
    ['15 code points of two units each', {}, '🫖'.repeat(15), ok('🫖'.repeat(15))],
    ['14 code points of two units each', {}, '🫖'.repeat(14), no('too_short')],
    ['14 letters that macOS sends as 28', {}, 'e\u0301'.repeat(14), no('too_short')],
    ['15 letters that macOS sends as 30', {}, 'e\u0301'.repeat(15), ok('e\u0301'.repeat(15))],
    ['64 characters, where that is the most', { maxLength: 64 }, 'ab'.repeat(32), ok('ab'.repeat(32))],
    ['65 characters, where 64 is the most', { maxLength: 64 }, 'a'.repeat(65), no('too_long')],
    ['64 letters that macOS sends as 128', { maxLength: 64 }, 'e\u0301'.repeat(64), ok('e\u0301'.repeat(64))],
    ['4,096 bytes', {}, 'ab'.repeat(2048), ok('ab'.repeat(2048))],
    ['4,097 bytes', {}, 'a'.repeat(4097), no('too_long')],
    ['4,200 bytes in NFC, 2,100 as typed', {}, '\ufb2c'.repeat(700), no('too_long')],
    ['blanks count', {}, ' '.repeat(15), ok(' '.repeat(15))],
  ])('%s', async (_, options, password, expected) =>
    expect(await passwordPolicy(options)(password)).toEqual(expected),
  )
})

test.each([
  ['undefined', undefined],
  ['a file', new File(['correct horse battery'], 'x')],
  ['a list', ['correct horse battery']],
  ['NUL', 'correct horse\0 battery'],
  ['a lone surrogate', 'correct horse battery \ud800'],
])('%s is malformed', async (_, password) => {
  expect(await passwordPolicy()(password)).toEqual(no('malformed'))
})

describe('names', () => {
  test.each([
    ['the mail address', 'alice.liddell@example.com', 'contains_name'],
    ['in capitals', 'ALICE.LIDDELL@EXAMPLE.COM', 'contains_name'],
    ['in wide letters', 'ａｌｉｃｅliddellalice', 'contains_name'],
    ['with a year behind it', 'alice.liddell2026', 'contains_name'],
    ['a name again and again', 'alicealicealice', 'contains_name'],
    ['the site', 'wonderlandbooks', 'contains_name'],
    ['the site and the user', 'alice@wonderland.test', 'contains_name'],
    ['a name among other words', 'alice drinks tea at five', null],
    ['a name inside of a word', 'the malice of clocks', null],
    ['no name at all', 'tea at five, all week', null],
    ['the same kind of character throughout', 'aaaaaaaaaaaaaaaaaa', null],
  ])('%s', async (_, password, reason) => {
    expect(await passwordPolicy(site)(password, NAMES)).toEqual(reason ? no(reason) : ok(password))
  })

  test('short ones do not count: they are in too many passwords', async () => {
    expect(await passwordPolicy({ minLength: 8 })('royalty!', ['al', 'roy', '', null, undefined])).toEqual(
      ok('royalty!'),
    )
  })
})

describe('known passwords', () => {
  test('are asked for last, in NFC', async () => {
    const asked: string[] = []
    const policy = passwordPolicy({ isBreached: async (password) => asked.push(password) > 0 })
    expect(await policy('too short')).toEqual(no('too_short'))
    expect(await policy('alicealicealice', NAMES)).toEqual(no('contains_name'))
    expect(asked).toEqual([])
    expect(await policy('cafe\u0301 at half past five')).toEqual(no('breached'))
    expect(asked).toEqual(['caf\u00e9 at half past five'])
  })

  test('one that is not known is good', async () => {
    const policy = passwordPolicy({ isBreached: () => false })
    expect(await policy('correct horse battery')).toEqual(ok('correct horse battery'))
  })

  test('a list that cannot be asked is an error, not an answer', async () => {
    const policy = passwordPolicy({ isBreached: () => Promise.reject(new Error('no network')) })
    await expect(policy('correct horse battery')).rejects.toThrow('no network')
  })
})

test.each<[sentence: string, options: object, message: RegExp]>([
  ['7 characters', { minLength: 7 }, /`minLength` must be a whole number from 8/],
  ['a length that is no number', { minLength: '15' }, /`minLength`/],
  ['a most of 63', { maxLength: 63 }, /`maxLength` must be a whole number from 64/],
  [
    'a most below the least',
    { minLength: 100, maxLength: 99 },
    /`maxLength` must be a whole number from 100/,
  ],
  ['names that are one', { names: 'Wonderland' }, /`names` must be a list/],
  ['an answer in place of a function', { isBreached: true }, /`isBreached` must be a function/],
  ['a rule on kinds of characters', { uppercase: true }, /No option `uppercase`/],
])('%s is refused when it is built', (_, options, message) => {
  expect(() => passwordPolicy(options)).toThrow(message)
})

test('the compiler knows the password of a good one as a string', async () => {
  const verdict = await passwordPolicy()(undefined as unknown)
  if (verdict.ok) expectTypeOf(verdict.password).toEqualTypeOf<string>()
  else expectTypeOf(verdict.reason).toExtend<string>()
})
