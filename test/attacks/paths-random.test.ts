import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PathRules } from '../../src/http/path-rules.ts'
import { ORIGIN } from '../app.ts'
import { RULES } from './by-path.ts'

describe('whatever path comes', () => {
  const rules = new PathRules(RULES)
  const pieces = [
    ...['/', '//', '\\', '.', '..', '%2e', '%2E', '%252e', '%2f', '%5c', '%00', '%', '%25', '%2', '%c0%ae'],
    ...['admin', 'area', 'public', 'health', '%61dmin', 'are%61', '%70ublic', 'Admin', 'l', ';x', ' ', '\t'],
    ...['?', '#', 'ü', '%c3%bc', '\u200b', '\ud800'],
  ]
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constant('/') },
    { weight: 8, arbitrary: fc.constantFrom(...pieces) },
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  const path = fc.array(piece, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)

  const is = (name: string, segment = ''): boolean =>
    segment.toLowerCase().startsWith(name) && !/^[\w\x80-\uffff-]/.test(segment.slice(name.length))
  const under = ([first, second]: readonly string[]): boolean =>
    is('admin', first) || (is('area', first) && second !== 'public' && second !== 'health')
  const decode = (text: string): string | null => {
    try {
      return decodeURIComponent(text)
    } catch {
      return null
    }
  }
  /** As a careless reader would: every slash is one, and dots are resolved once more. */
  const segmentsOf = (text: string): string[] => {
    const segments: string[] = []
    for (const segment of text.split(/[/\\]/)) {
      if (segment === '..') segments.pop()
      else if (segment !== '' && segment !== '.') segments.push(segment)
    }
    return segments
  }

  test('one that lies under a rule needs a user', () => {
    fc.assert(
      fc.property(path, (text) => {
        const { pathname } = new URL(ORIGIN + text)
        const decoded = decode(pathname)
        const verdict = rules.isProtected(pathname)
        const split = (path = ''): string[] => path.split('/').filter((segment) => !/^(;|$)/.test(segment))
        const segments = split(decoded ?? '')
        const isIncluded = ([first]: readonly string[]): boolean => is('admin', first) || is('area', first)
        const isLifted = /^\/area\/(public|health)(\/|$)/.test(pathname) && !pathname.includes('//')
        if (decoded === null) expect(verdict).toBeNull()
        else if (isIncluded(segments) && !isLifted) expect(verdict).not.toBe(false)
        // Behind two slashes the first segment may be a host.
        else if (isIncluded(split(/^\/\/+[^/]*(.*)/s.exec(decoded)?.[1]))) expect(verdict).not.toBe(false)
        else expect(verdict).not.toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })

  test('and one that needs none lies under no rule for whoever decodes it again', () => {
    fc.assert(
      fc.property(path, (text) => {
        const { pathname } = new URL(ORIGIN + text)
        if (rules.isProtected(pathname) !== false) return
        let form = decode(pathname)
        for (let times = 1; form !== null && times < 4; times++) {
          expect(under(segmentsOf(form))).toBe(false)
          form = decode(form)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
