import { describe, expect, test } from 'vitest'
import { cookieValues } from '../../../src/http/cookie-values.ts'

const MAX_VALUES = 8

describe('the values of one cookie', () => {
  test.each<[sentence: string, header: string | null, values: string[]]>([
    ['no header', null, []],
    ['an empty header', '', []],
    ['the cookie alone', 's=1', ['1']],
    ['behind another cookie', 'a=b; s=1', ['1']],
    ['before another cookie', 's=1; a=b', ['1']],
    ['between other cookies', 'a=b; s=1; c=d', ['1']],
    ['a semicolon at the end', 's=1;', ['1']],
    ['no blank behind the semicolon', 'a=b;s=1;c=d', ['1']],
    ['several blanks behind the semicolon', 'a=b;   s=1', ['1']],
    ['a tab behind the semicolon', 'a=b;\ts=1', ['1']],
    ['blanks at the beginning', '  s=1', ['1']],
    ['blanks around the value', 's=  1  ; a=b', ['1']],
    ['a blank inside the value', 's=1 2', ['1 2']],
    ['equals signs in the value', 's=YQ==; a=b', ['YQ==']],
    ['quotes, which belong to the value', 's="1"', ['"1"']],
    ['an escape, which is not decoded', 's=%31', ['%31']],
    ['its own name in the value', 's=s=1', ['s=1']],
    ['two cookies, in the order of the header', 's=2; s=1', ['2', '1']],
    ['two cookies with one value', 's=1; s=1', ['1', '1']],
    ['an empty value, which is skipped', 's=; s=1', ['1']],
    ['a blank value, which is skipped', 's=   ; s=1', ['1']],
    ['an empty value alone', 's=', []],
  ])('%s', (_, header, values) => expect(cookieValues(header, 's')).toEqual(values))
})

describe('what only looks like the cookie', () => {
  test.each([
    ['another name', 'a=1'],
    ['a name that ends alike', 'xs=1'],
    ['a name that ends alike, behind another cookie', 'a=b; xs=1'],
    ['a name that ends alike, behind a prefix', '__Host-s=1'],
    ['a name that begins alike', 'sx=1'],
    ['the name in another case', 'S=1'],
    ['the name without a value', 's'],
    ['the name without a value, before another cookie', 's; a=1'],
    ['a blank before the equals sign', 's =1'],
    ['the value of another cookie', 'a=s=1'],
    ['behind a blank in the value of another cookie', 'a=b s=1'],
    ['behind a comma: an older standard', 'a=b, s=1'],
    ['behind a no-break space', 'a=b;\xa0s=1'],
    ['behind a line feed', 'a=b;\ns=1'],
    ['behind another equals sign', '=s=1'],
  ])('%s', (_, header) => {
    expect(cookieValues(header, 's')).toEqual([])
    expect(cookieValues(`${header}; s=good`, 's')).toEqual(['good'])
  })
})

describe('eight values at most', () => {
  const many = (pair: string, count: number): string => `${pair}; `.repeat(count)

  test('are the first ones', () => {
    const header = Array.from({ length: 20 }, (_, i) => `s=${i}`).join('; ')
    expect(cookieValues(header, 's')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  test.each([
    ['empty ones', 's='],
    ['blank ones', 's= '],
    ['names that end alike', 'xs=1'],
    ['values of other cookies', 'a=s=1'],
  ])('%s do not count', (_, pair) => {
    expect(cookieValues(`${many(pair, MAX_VALUES)}s=good`, 's')).toEqual(['good'])
  })

  test('a ninth one is not read', () => {
    expect(cookieValues(`${many('s=bad', MAX_VALUES - 1)}s=good`, 's')).toContain('good')
    expect(cookieValues(`${many('s=bad', MAX_VALUES)}s=good`, 's')).not.toContain('good')
  })
})
