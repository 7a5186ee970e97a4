import { describe, expect, test } from 'vitest'
import { isDataOf, PathRules, readingsOf } from '../../../src/http/path-rules.ts'

describe('a path that is shorter than a rule', () => {
  test.each([
    ['/Admin', false],
    ['/admin', false],
    ['/', false],
    ['/admin/users', true],
    ['/Admin.x/users;y/z', true],
    ['/admin/usersx', false],
  ])('%s: %s', (path, isProtected) => {
    expect(new PathRules({ include: ['/Admin/Users'] }).isProtected(path)).toBe(isProtected)
  })

  test('lifts nothing where an exception is longer', () => {
    const rules = new PathRules({ include: ['/Area'], exclude: ['/Area/Public/Files'] })
    expect(['/Area', '/Area/Public', '/Area/Public/Files'].map((path) => rules.isProtected(path))).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('raw bytes, as they come over HTTP/2', () => {
  const rules = new PathRules({ include: ['/admin', '/größe'], exclude: ['/admin/open', '/größe/ü'] })
  test.each([
    ['a blank that `url.parse` trims', '/admin\xa0', true],
    ['a letter beyond ASCII', '/admin\xe9', true],
    ['DEL', '/admin\x7f', true],
    ['a byte, and letters', '/admin\xa0x/y', true],
    ['behind a public path', '/admin/open\xa0', true],
    ['below a public path', '/admin/open/x\xa0', false],
    ['a name beyond ASCII', '/größe', true],
    ['the same, encoded', '/gr%C3%B6%C3%9Fe', true],
    ['the same, in capitals', '/GR%C3%96%C3%9FE.x', true],
    ['a public one, raw, which a router may not take for it', '/größe/ü', true],
    ['a public one, as it stands in an address', '/gr%C3%B6%C3%9Fe/%C3%BC', false],
    ['elsewhere', '/x\xa0', false],
    ['in front of a host', '//x\xa0/admin', true],
  ])('%s', (_, path, isProtected) => expect(rules.isProtected(path)).toBe(isProtected))
})

describe('what may be read in a path', () => {
  test.each<[path: string, readings: string[] | null]>([
    ['/', ['']],
    ['', ['']],
    ['/a/b', ['/a/b']],
    ['/a//b///c/', ['/a/b/c']],
    ['//a///b/', ['/a/b', '/b']],
    ['///', ['']],
    ['/;x/a;y/b', ['/a;y/b']],
    ['/%C3%BC', ['/ü']],
    ['/a%20b', ['/a b']],
    ['/100%25', ['/100%']],
    ['/a\xe9', ['/a\xe9', '/a ']],
    ['/a/./b', null],
    ['/a/..', null],
    ['/../a', null],
    ['/%61/%2e%2e/b', null],
    ['/a/..;x/b', null],
    ['/a..;b', null],
    ['/.;/a', null],
    ['/.a/..b/c../d.', ['/.a/..b/c../d.']],
    ['/a%2fb', null],
    ['/a%2Fb', null],
    ['/a%5cb', null],
    ['/a%00', null],
    ['/a\\b', null],
    ['/a\0', null],
    ['/a\tb', null],
    ['/a#b', null],
    ['/a?b', null],
    ['a', null],
    ['*', null],
    ['http://x/a', null],
    ['/%2561', null],
    ['/%25C3', null],
    ['/%', null],
    ['/%c3', null],
  ])('%j', (path, readings) => expect(readingsOf(path)).toEqual(readings))
})

describe('the data of a page', () => {
  test.each([
    ['/x.data', '/x', true],
    ['/x.rsc', '/x', true],
    ['/x/_.data', '/x/', true],
    ['/_root.data', '/', true],
    ['/base/_root.data', '/base', true],
    ['/x/__data.json', '/x', true],
    ['/x', '/x', false],
    ['/x.data.data', '/x', false],
    ['/x.data.data', '/x.data', true],
    ['/xy.data', '/x', false],
    ['/x/y.data', '/x', false],
    ['/x/...data', '/', false],
    ['/...data', '/', false],
    ['/x.data', '/', false],
    ['/x.', '/x', false],
    ['/x.data/', '/x', false],
    ['/X.data', '/x', false],
  ])('%s, %s: %s', (text, page, isData) => expect(isDataOf(text, page)).toBe(isData))
})
