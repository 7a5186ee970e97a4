import { safeRedirectPath } from 'latchkey'
import { describe, expect, test } from 'vitest'

const BASE = 'https://app.test'

describe('where a target leads', () => {
  test.each([
    ['from the root of the app', BASE, '/x', '/x'],
    ['from the page that asked', `${BASE}/a/b?c#d`, 'x?y#z', '/a/x?y#z'],
    ['from the page that asked, to its query', `${BASE}/a/b?c`, '?y', '/a/b?y'],
    ['on plain http', 'http://localhost:3000', 'http://localhost:3000/x', '/x'],
    ['on plain http, to https', 'http://app.test', 'https://app.test/x', '/'],
    ['on a port, to none', 'https://app.test:8443', 'https://app.test/x', '/'],
    ['on the default port', 'https://app.test:443', 'https://app.test/x', '/x'],
    ['to the app with a user name', BASE, 'https://user:secret@app.test/x', '/x'],
    ['in an app that is served by ftp', 'ftp://app.test', '/x', '/'],
    ['in a blob of the app, to another one', 'blob:https://app.test/1', 'blob:https://app.test/2', '/'],
  ])('%s', (_, base, target, path) => expect(safeRedirectPath(target, base)).toBe(path))
})

describe('the fallback', () => {
  test('is the front page by default, and a path of your own', () => {
    expect(safeRedirectPath('//evil.test', BASE)).toBe('/')
    expect(safeRedirectPath('//evil.test', BASE, '/home')).toBe('/home')
  })
})

describe('the longest target', () => {
  test.each([
    ['2,048 characters', 2048, true],
    ['2,049 characters', 2049, false],
  ])('%s', (_, length, isKept) => {
    const target = `/${'x'.repeat(length - 1)}`
    expect(safeRedirectPath(target, BASE, '/home')).toBe(isKept ? target : '/home')
  })
})
