import { describe, expect, test } from 'vitest'
import { formatPhc, type PhcHash, parsePhc, wholeNumber } from '../../../src/password/phc.ts'

const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7)
const phc = (change: Partial<PhcHash> = {}): PhcHash => ({
  scheme: 'x',
  parameters: { c: '1' },
  salt: bytes(16),
  hash: bytes(32),
  ...change,
})
const GOOD = formatPhc(phc())
const [, , , SALT = '', HASH = ''] = GOOD.split('$')

describe('the length of salt and hash', () => {
  test.each([
    ['the shortest salt', 'salt', 8],
    ['the longest salt', 'salt', 64],
    ['the shortest hash', 'hash', 16],
    ['the longest hash', 'hash', 64],
  ])('%s', (_, part, length) => {
    const good = phc({ [part]: bytes(length) })
    expect(parsePhc(formatPhc(good))).toEqual(good)
  })

  test.each([
    ['a salt of 7 bytes', 'salt', 7],
    ['a salt of 65 bytes', 'salt', 65],
    ['a hash of 15 bytes', 'hash', 15],
    ['a hash of 65 bytes', 'hash', 65],
  ])('%s is refused', (_, part, length) =>
    expect(parsePhc(formatPhc(phc({ [part]: bytes(length) })))).toBeNull(),
  )
})

describe('the length of the whole', () => {
  test.each([
    ['512 characters', 512, true],
    ['513 characters', 513, false],
  ])('%s', (_, length, isRead) => {
    const value = '1'.repeat(length - GOOD.length + 1)
    const text = formatPhc(phc({ parameters: { c: value } }))
    expect(text).toHaveLength(length)
    expect(parsePhc(text)).toEqual(isRead ? phc({ parameters: { c: value } }) : null)
  })
})

describe('what is read', () => {
  test.each<[sentence: string, change: Partial<PhcHash>]>([
    ['one parameter', {}],
    ['several parameters, in their order', { parameters: { m: '1', t: '2', p: '3' } }],
    ['a version', { version: 19 }],
    ['a version of one digit', { version: 1 }],
    ['a scheme of 32 characters', { scheme: 'a-9'.padEnd(32, 'x') }],
    ['values with all the characters there are', { parameters: { data: 'A_z+/.-9' } }],
    ['bytes that are not text', { salt: new Uint8Array([251, 255, 0, 1, 2, 3, 4, 5]) }],
  ])('%s', (_, change) => {
    const good = phc(change)
    expect(parsePhc(formatPhc(good))).toEqual(good)
    expect('version' in (parsePhc(formatPhc(good)) ?? {})).toBe('version' in change)
  })
})

describe('what is not a PHC string', () => {
  test.each([
    ['nothing', ''],
    ['a scheme alone', '$x'],
    ['no first sign', GOOD.slice(1)],
    ['text before it', `a${GOOD}`],
    ['a line feed behind it', `${GOOD}\n`],
    ['a fifth part', `${GOOD}$AAAA`],
    ['no scheme', `$$c=1$${SALT}$${HASH}`],
    ['a scheme in capitals', `$X$c=1$${SALT}$${HASH}`],
    ['a scheme of 33 characters', `$${'x'.repeat(33)}$c=1$${SALT}$${HASH}`],
    ['a version of zero', `$x$v=0$c=1$${SALT}$${HASH}`],
    ['a version with a zero before it', `$x$v=019$c=1$${SALT}$${HASH}`],
    ['a version of four digits', `$x$v=1000$c=1$${SALT}$${HASH}`],
    ['no parameters', `$x$${SALT}$${HASH}`],
    ['an empty list of parameters', `$x$$${SALT}$${HASH}`],
    ['a parameter without a value', `$x$c=$${SALT}$${HASH}`],
    ['a parameter without a name', `$x$=1$${SALT}$${HASH}`],
    ['a comma at the end', `$x$c=1,$${SALT}$${HASH}`],
    ['a parameter twice', `$x$c=1,c=1$${SALT}$${HASH}`],
    ['a parameter twice, with two values', `$x$c=1,d=2,c=3$${SALT}$${HASH}`],
    ['no salt', `$x$c=1$$${HASH}`],
    ['no hash', `$x$c=1$${SALT}$`],
    ['padding', `$x$c=1$${SALT}==$${HASH}`],
    ['another alphabet', `$x$c=1$${'_'.repeat(22)}$${HASH}`],
    ['bits of the salt that are left over', `$x$c=1$${SALT.slice(0, -1)}x$${HASH}`],
    ['bits of the hash that are left over', `$x$c=1$${SALT}$${HASH.slice(0, -1)}x`],
    ['a length that base64 cannot have', `$x$c=1$${SALT}$${HASH}AA`],
  ])('%s', (_, text) => {
    expect(parsePhc(GOOD)).toEqual(phc())
    expect(parsePhc(text)).toBeNull()
  })
})

describe('a whole number', () => {
  test.each([
    ['0', 0],
    ['7', 7],
    ['65536', 65_536],
    ['9999999999', 9_999_999_999],
  ])('%s', (text, number) => expect(wholeNumber(text)).toBe(number))

  test.each([
    undefined,
    '',
    '00',
    '07',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x1',
    ' 1',
    '1\n',
    '10000000000',
    'Infinity',
  ])('%j is not one', (text) => expect(wholeNumber(text)).toBeNaN())
})
