import { describe, expect, test } from 'vitest'
import { canonicalPath, isSamePath, PathRules } from '../../../src/http/path-rules.ts'

describe('a path that is shorter than a rule', () => {
  test.each([
    ['in the case of the rule', false, '/Admin', false],
    ['in another case', false, '/admin', false],
    ['where the router ignores case', true, '/Admin', false],
    ['where the router ignores case, in another case', true, '/admin', false],
    ['the front page, where the router ignores case', true, '/', false],
    ['as long as the rule, where the router ignores case', true, '/admin/users', true],
    ['as long as the rule, in another case', false, '/admin/users', false],
  ])('%s', (_, ignoreCase, path, isProtected) => {
    const rules = new PathRules({ include: ['/Admin/Users'], ignoreCase })
    expect(rules.isProtected(path)).toBe(isProtected)
  })

  test('lifts nothing where an exception is longer', () => {
    const rules = new PathRules({ include: ['/Area'], exclude: ['/Area/Public/Files'], ignoreCase: true })
    expect(['/Area', '/Area/Public', '/Area/Public/Files'].map((path) => rules.isProtected(path))).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('two spellings of a path', () => {
  test.each([
    ['the same text', '/admin', '/admin', true],
    ['a letter encoded', '/%61dmin', '/admin', true],
    ['both encoded, in capitals and in small letters', '/%c3%bc', '/%C3%BC', true],
    ['beyond ASCII, as it came over the wire', '/ü', '/%C3%BC', true],
    ['a blank', '/a b', '/a%20b', true],
    ['the same text, which cannot be decoded', '/%', '/%', true],
    ['another path', '/admin', '/area', false],
    ['another case', '/Admin', '/admin', false],
    ['dots, which nothing resolves here', '/x/../admin', '/admin', false],
    ['a slash more', '/admin/', '/admin', false],
    ['encoded twice', '/%2561dmin', '/admin', false],
    ['one that cannot be decoded', '/%', '/admin', false],
    ['another one that cannot be decoded', '/admin', '/%zz', false],
    ['two that cannot be decoded', '/%', '/%zz', false],
  ])('%s', (_, one, other, isSame) => {
    expect(isSamePath(one, other)).toBe(isSame)
    expect(isSamePath(other, one)).toBe(isSame)
  })
})

describe('the segments of a path', () => {
  test.each<[path: string, segments: string[] | null]>([
    ['/', []],
    ['', []],
    ['/a/b', ['a', 'b']],
    ['//a///b/', ['a', 'b']],
    ['/a/./b/../c', ['a', 'c']],
    ['/../../a', ['a']],
    ['/%61/%2e%2e/b', ['b']],
    ['/%C3%BC', ['ü']],
    ['/a%20b', ['a b']],
    ['/100%25', ['100%']],
    ['/a%2fb', null],
    ['/a%2Fb', null],
    ['/a%5cb', null],
    ['/a%00', null],
    ['/a\\b', null],
    ['/a\0', null],
    ['/%2561', null],
    ['/%25C3', null],
    ['/%', null],
    ['/%c3', null],
  ])('%j', (path, segments) => expect(canonicalPath(path)).toEqual(segments))
})
