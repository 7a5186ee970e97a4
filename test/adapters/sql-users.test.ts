import type { UserLike, UserProvider } from 'latchkey'
import { hashApiToken } from 'latchkey'
import { type SqlClient, type SqlUser, type SqlUserOptions, sqlUsers } from 'latchkey/sql'
import { describe, expect, expectTypeOf, test } from 'vitest'

/** A client that answers each statement with these rows. */
const answering = (...rows: Record<string, unknown>[]): SqlClient => ({
  dialect: 'sqlite',
  run: () => ({ rows, affected: 0 }),
})

type Options = Partial<SqlUserOptions<UserLike, 'string' | 'number'>>

const providerOf = (rows: Record<string, unknown>[], options: Options = {}): UserProvider<UserLike> =>
  sqlUsers(answering(...rows), { table: 'users', ...options } as never)

const full = {
  id: 'a',
  username: 'ada',
  hashed_password: 'x',
  display_name: 'Ada',
  scopes: ['admin'],
  session_epoch: 7,
  disabled: true,
}
const user = {
  id: 'a',
  hashedPassword: 'x',
  displayName: 'Ada',
  scopes: ['admin'],
  sessionEpoch: 7,
  disabled: true,
}

const SPELLINGS: readonly [name: string, spell: (column: string) => string][] = [
  ['as they are', (column) => column],
  ['in camel case', (column) => column.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())],
  [
    'in Pascal case',
    (column) => column.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase()),
  ],
  ['in capitals', (column) => column.toUpperCase()],
  ['with hyphens', (column) => column.replaceAll('_', '-')],
]

describe.each(SPELLINGS)('a client that gives columns %s', (_, spell) => {
  const spelled = (row: object) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [spell(name), value]))

  test('loses none of them', async () => {
    expect(await providerOf([spelled(full)]).findById('a')).toEqual(user)
    expect(await providerOf([spelled(full)]).findByUsername('ada')).toEqual(user)
  })

  test('loses none that the options name', async () => {
    const columns = {
      id: 'user_id',
      username: 'mail',
      hashedPassword: 'pass_word',
      token: 'api_token',
      displayName: 'full_name',
      scopes: 'user_roles',
      sessionEpoch: 'token_version',
      disabled: 'deleted_at',
    }
    const row = {
      user_id: 'a',
      mail: 'ada',
      pass_word: 'x',
      api_token: hashApiToken('t'),
      full_name: 'Ada',
      user_roles: ['admin'],
      token_version: 7,
      deleted_at: new Date(),
    }
    const users = providerOf([spelled(row)], { columns })
    expect(await users.findByToken?.('t')).toEqual(user)
    for (const column of Object.values(columns)) {
      const { [column as keyof typeof row]: __, ...rest } = row
      const findById = providerOf([spelled(rest)], { columns }).findById('a')
      await expect(findById, column).rejects.toMatchObject({
        code: 'backend_failed',
        message: expect.stringContaining(`has no column \`${column}\``),
      })
    }
  })
})

test('two columns that could be one are refused, unless one has the very name', async () => {
  const row = { id: 'a', username: 'ada', hashed_password: 'x', sessionEpoch: 1, SESSION_EPOCH: 2 }
  await expect(providerOf([row]).findById('a')).rejects.toThrow('Both `sessionEpoch` and `SESSION_EPOCH`')
  expect(await providerOf([{ ...row, session_epoch: 3 }]).findById('a')).toMatchObject({ sessionEpoch: 3 })
})

const B = (text: string) => new TextEncoder().encode(text)

describe('a hash', () => {
  test.each<[string, unknown, string | null]>([
    ['a Buffer', Buffer.from('$argon2'), '$argon2'],
    ['a Uint8Array', B('$argon2'), '$argon2'],
    ['an ArrayBuffer', B('$argon2').buffer, '$argon2'],
    ['NULL', null, null],
    ['undefined', undefined, null],
  ])('that arrives as %s is read', async (_, hashed_password, hashedPassword) => {
    const row = { id: 'a', username: B('ada'), hashed_password, token: B(hashApiToken('t')) }
    const users = providerOf([row], { columns: { token: 'token' } })
    expect(await users.findByUsername('ada')).toEqual({ id: 'a', hashedPassword })
    expect(await users.findByToken?.('t')).toEqual({ id: 'a', hashedPassword })
  })

  test.each<[unknown, string]>([
    [[36, 97], 'Array'],
    [42, 'number'],
    [new Uint8Array([0xff]), 'Uint8Array'],
    [{ s3cret: 1 }, 'Object'],
  ])('that is %j is refused by name', async (hashed_password, type) => {
    const { findById } = providerOf([{ id: 'a', username: 'ada', hashed_password }])
    const message = `The column \`hashed_password\` of \`users\` has a value of type ${type}. It must be text`
    await expect(findById('a')).rejects.toThrow(message)
  })
})

test('an epoch that is no number is refused by name, and a date is one', async () => {
  const row = { id: 'a', username: 'ada', hashed_password: 'x' }
  await expect(providerOf([{ ...row, session_epoch: 'monday' }]).findById('a')).rejects.toThrow(
    'The column `session_epoch` of `users` has a value of type string. It must be a number.',
  )
  for (const [session_epoch, sessionEpoch] of [
    [7n, 7],
    ['7', 7],
    [new Date(7), 7],
  ])
    expect(await providerOf([{ ...row, session_epoch }]).findById('a')).toMatchObject({ sessionEpoch })
})

describe('ids', () => {
  const rowOf = (id: unknown) => ({ id, username: 'ada', hashed_password: 'x' })
  const BIG = '9007199254740993'
  class ObjectId {}

  test.each<[id: unknown, idType: 'string' | 'number' | undefined, found: string | number]>([
    ['abc', undefined, 'abc'],
    [BIG, undefined, BIG],
    [BIG, 'string', BIG],
    [BigInt(BIG), 'string', BIG],
    [42n, 'string', '42'],
    [42, 'string', '42'],
    ['42', 'string', '42'],
    [42n, 'number', 42],
    ['42', 'number', 42],
  ])('%o with idType %j is the user %j', async (id, idType, found) => {
    const users = providerOf([rowOf(id)], idType ? { idType } : {})
    expect(await users.findByUsername('ada')).toMatchObject({ id: found })
    expect(await users.findById(found)).toMatchObject({ id: found })
    expect(await users.findById(typeof found === 'string' ? 42 : '42')).toBeNull()
  })

  test.each<[id: unknown, idType: 'string' | 'number' | undefined, message: string]>([
    [42, undefined, "of type number. Set `idType: 'number'`"],
    [42n, undefined, "of type bigint. Set `idType: 'number'`"],
    [2 ** 53, 'string', 'It is no safe integer: let the client return BIGINT as text or bigint'],
    [2 ** 53, 'number', 'It is no safe integer'],
    [BIG, 'number', "`idType: 'string'` for ids of any size as text"],
    [Buffer.from('abc'), 'string', 'of type Buffer. Let a view convert it to text'],
    [new ObjectId(), 'string', 'of type ObjectId. Let a view convert it'],
    [null, 'string', 'of type null.'],
  ])('%o with idType %j is refused by name', async (id, idType, message) => {
    const users = providerOf([rowOf(id)], idType ? { idType } : {})
    await expect(users.findByUsername('ada')).rejects.toThrow(message)
  })

  test('of another type are refused by findById as well, so that no session ends', async () => {
    await expect(providerOf([rowOf(42n)]).findById('42')).rejects.toThrow('of type bigint')
    expect(await providerOf([rowOf(42n)]).findById('042')).toBeNull()
  })

  test.each<[sentence: string, found: unknown]>([
    ['a number that has lost digits', Number('9007199254740993')],
    ['bytes', new Uint8Array([1, 2])],
  ])('%s in the row is refused by findById as well', async (_, found) => {
    const users = providerOf([rowOf(found)], { idType: 'string' })
    await expect(users.findById('9007199254740993')).rejects.toMatchObject({ code: 'backend_failed' })
  })
})

describe('soft deletes', () => {
  const old = { id: '1', username: 'ada', hashed_password: 'x', deleted_at: new Date() }
  const live = { ...old, id: '2', deleted_at: null }
  const toUser: Options['toUser'] = (row, found) => (row.deleted_at ? null : found)

  test('a row for which `toUser` returns null is no user', async () => {
    expect(await providerOf([old], { toUser }).findByUsername('ada')).toBeNull()
    expect(await providerOf([old], { toUser }).findById('1')).toBeNull()
    expect(await providerOf([old, live], { toUser }).findByUsername('ada')).toMatchObject({ id: '2' })
  })

  test('two users are still one too many, and the message names the ways out', async () => {
    const { findByUsername } = providerOf([live, { ...live, id: '3' }], { toUser })
    await expect(findByUsername('ada')).rejects.toThrow(/unique index.*a view/)
  })

  test('a time of deletion disables, where the name is not given away again', async () => {
    const users = providerOf([old], { columns: { disabled: 'deleted_at' } })
    expect(await users.findById('1')).toMatchObject({ disabled: true })
    const others = providerOf([live], { columns: { disabled: 'deleted_at' } })
    expect(await others.findById('2')).toEqual({ id: '2', hashedPassword: 'x' })
  })
})

test('types: `idType` shows in the id, and `toUser` fits a user of one’s own', () => {
  interface Own {
    id: string
    email: string
    hashedPassword: string | null
  }
  const client = answering()
  expectTypeOf(sqlUsers(client, { table: 'users' })).toEqualTypeOf<UserProvider<SqlUser>>()
  expectTypeOf(sqlUsers(client, { table: 'users', idType: 'string' })).toEqualTypeOf<UserProvider<SqlUser>>()
  const numbered = sqlUsers(client, { table: 'users', idType: 'number' })
  expectTypeOf(numbered).toEqualTypeOf<UserProvider<SqlUser<number>>>()
  const own: UserProvider<Own> = sqlUsers(client, {
    table: 'users',
    toUser: (row, found) => (row.deleted_at ? null : { ...found, email: String(row.email) }),
  })
  const counted = sqlUsers(client, {
    table: 'users',
    idType: 'number',
    toUser: (row, found) => ({ ...found, email: String(row.email) }),
  })
  expectTypeOf(counted.findById).parameter(0).toEqualTypeOf<number>()
  const explicit = sqlUsers<Own>(client, {
    table: 'users',
    toUser: (row, { id, hashedPassword }) => ({ id, hashedPassword, email: String(row.email) }),
  })
  expectTypeOf(explicit).toEqualTypeOf<UserProvider<Own>>()
  const anyones: UserProvider<UserLike> = numbered
  expect([own, anyones]).toHaveLength(2)
})
