import { same } from './contract.ts'
import { type RecordCase, recordAt, timesAt } from './record-case.ts'

/**
 * Keys that a session takes and that some engine has been seen to take for a path, an index, an escape, a
 * placeholder, another key, or an error.
 */
const KEYS: readonly string[] = [
  // Ours, and what an engine might take for it.
  ...[
    '_auth_user_id',
    '_AUTH_USER_ID',
    '_auth_user_id ',
    ' _auth_user_id',
    '_auth_user_id\t',
    '_auth_user_id\n',
  ],
  ...['_auth_user_id\\', '_auth_user_id"', '"_auth_user_id"', '_auth_user_id.x', '._auth_user_id'],
  ...[
    '$._auth_user_id',
    '\\u005fauth_user_id',
    '\\u005Fauth_user_id',
    '%5Fauth_user_id',
    '_auth_user_\u0131d',
  ],
  ...['_auth_user_ｉd', '_\u00adauth_user_id', '_auth\u200b_user_id', '\ufeff_auth_user_id'],
  // Paths, pointers, indexes and numbers.
  ...[
    '$',
    '$.path',
    '$[0]',
    '[0]',
    '[*]',
    '*',
    '**',
    '.x',
    'with.dot',
    'a/b',
    'a~1b',
    '{a}',
    '(a)',
    '@',
    '#-1',
  ],
  ...['0', '1', '-1', '00', '1e3', '-', '-a', '--', 'a-b', '+', '_', '~', '!'],
  // Words of JSON and of JavaScript.
  ...[
    'null',
    'true',
    'undefined',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    '__proto_',
    '__proto__ ',
  ],
  // Words that engines use for themselves.
  ...['meta', 'data', 'mark', 'owner', 'id'],
  // Quotes, escapes, placeholders and wildcards.
  ...[
    '"',
    "'",
    '`',
    '\\',
    '\\\\',
    '\\"',
    "\\'",
    'with"quote',
    "with'quote",
    "' OR 1=1 --",
    ';',
    '/*',
    '?',
    '$1',
    ':a',
  ],
  ...['%', '%%', '%2', '%00', '%2D', '%25', '%s', '&', '=', '<b>', '|', '^', ','],
  // Blanks, control characters, accents, and characters beyond the first plane.
  ...[
    ' ',
    '  ',
    'with space',
    '\t',
    '\n',
    '\r\n',
    '\u0001',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '\ufffd',
    '\uffff',
  ],
  ...[
    'a',
    'A',
    'a ',
    ' a',
    'á',
    'a\u0301',
    'e',
    'É',
    'ß',
    'ss',
    'ünï',
    'İ',
    'ı',
    '名前',
    '🔑',
    '𝒶',
    '👩‍👩‍👧',
    'א',
    '\u202e',
  ],
  // As long as a key may be.
  ...['x'.repeat(255), 'x'.repeat(256), 'x'.repeat(300), '-'.repeat(300), '"'.repeat(300), '→'.repeat(300)],
  '🔑'.repeat(150),
]

/** What lies beside each key. */
const BESIDE: Readonly<Record<string, unknown>> = {
  _auth_user_id: 1,
  a: 'x',
  e: 'plain',
  '0': 'zero',
  '%2D': 'code',
}

function without(
  data: Readonly<Record<string, unknown>>,
  ...keys: readonly string[]
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key)))
}

function named(key: string): string {
  return key.length < 40
    ? JSON.stringify(key)
    : `of ${key.length} characters, ${JSON.stringify([...key][0])} each`
}

/** The contract of `RecordStore` about the keys of a record's data. */
export const KEY_CASES: readonly RecordCase[] = [
  ...KEYS.map(
    (key): RecordCase => [
      `sets, replaces and removes the key ${named(key)}, and no other`,
      async ({ store, clock }) => {
        const beside = without(BESIDE, key)
        const data = async (id: string): Promise<unknown> => (await store.read(id))?.data
        await store.create('id', recordAt(clock, beside))
        await store.update('id', { [key]: 1 }, timesAt(clock))
        same(await data('id'), { ...beside, [key]: 1 }, 'set')
        await store.update('id', { [key]: { a: '"' }, z: 1 }, timesAt(clock))
        same(await data('id'), { ...beside, [key]: { a: '"' }, z: 1 }, 'replaced')
        await store.update('id', { [key]: undefined, z: 2 }, timesAt(clock))
        same(await data('id'), { ...beside, z: 2 }, 'removed')
        await store.create('only', recordAt(clock, { [key]: 1 }))
        same(await data('only'), { [key]: 1 }, 'created')
        same(await store.delete('only', { ifEmpty: true }), null, 'deleted though not empty')
        await store.update('only', { [key]: undefined }, timesAt(clock))
        same((await store.delete('only', { ifEmpty: true }))?.data, {}, 'deleted when empty')
      },
    ],
  ),
  [
    'tells all of these keys apart in one record, and removes them half by half',
    async ({ store, clock }) => {
      const all = Object.fromEntries(KEYS.map((key, i) => [key, i]))
      const removal = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, undefined]))
      await store.create('id', recordAt(clock, {}))
      await store.update('id', all, timesAt(clock))
      same((await store.read('id'))?.data, all, 'set')
      const half = KEYS.filter((_, i) => i % 2 === 0)
      await store.update('id', { ...removal(half), z: 1 }, timesAt(clock))
      same((await store.read('id'))?.data, { ...without(all, ...half), z: 1 }, 'one half removed')
      await store.update('id', removal([...KEYS, 'z']), timesAt(clock))
      same((await store.read('id'))?.data, {}, 'all removed')
      same((await store.delete('id', { ifEmpty: true }))?.data, {}, 'deleted when empty')
    },
  ],
]
