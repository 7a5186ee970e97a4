import { describe, expect, test } from 'vitest'
import { plain, Users } from '../app.ts'
import { ALICE, base64, basic, bytes, GOOD, start, verdict } from './by-basic.ts'

describe('HTTP Basic lets in', () => {
  test.each([
    ['name and password', ALICE, 'alice'],
    ['with the scheme in capitals', `BASIC ${GOOD}`, 'alice'],
    ['with the scheme in any mixture', `bAsIc ${GOOD}`, 'alice'],
    ['with several spaces after it', `Basic     ${GOOD}`, 'alice'],
    ['with blanks around the whole, which no header keeps', `  ${ALICE} \t `, 'alice'],
    ['a password with colons: the first one divides', basic('colons', 'a:b::c'), 'colons'],
    ['a password that begins with a colon', basic('leading', ':secret'), 'leading'],
    ['a password that is a colon', basic('colon', ':'), 'colon'],
    ['UTF-8 in both', basic('jürgen', 'pässwörd €'), 'jürgen'],
    ['beyond the first plane of Unicode', basic('emoji', '🔑🔑'), 'emoji'],
    ['a password with blanks, not one of which is cut off', basic('blanks', '  two  '), 'blanks'],
    ['the longest password there is, 4,096 bytes', basic('long', 'x'.repeat(4096)), 'long'],
  ])('%s', async (_, authorization, name) => {
    const { by, users } = start()
    const more = {
      colons: 'a:b::c',
      leading: ':secret',
      colon: ':',
      jürgen: 'pässwörd €',
      emoji: '🔑🔑',
      blanks: '  two  ',
      long: 'x'.repeat(4096),
    }
    for (const [id, password] of Object.entries(more))
      users.put(id, { id, hashedPassword: `plain:${password}` })
    const answer = await by(authorization)
    expect([answer.status, await verdict(answer)]).toEqual([200, name])
  })
})

describe('what is no name and password is refused, and nobody is looked up', () => {
  test.each([
    ['the scheme alone', 'Basic'],
    ['the scheme and a blank', 'Basic '],
    ['what is no base64', 'Basic !!!!'],
    ['the text in the clear', 'Basic alice:wonderland'],
    ['padding left out', `Basic ${GOOD.slice(0, -2)}`],
    ['half of the padding', `Basic ${GOOD.slice(0, -1)}`],
    ['padding too much', `Basic ${GOOD}=`],
    ['a whole group of padding', `Basic ${GOOD}====`],
    ['bits left over that are not zero: another spelling', `Basic ${GOOD.replace('ZA==', 'ZB==')}`],
    ['data after the padding', `Basic ${GOOD}QUFB`],
    ['a second text after the first', `Basic ${GOOD}${GOOD}`],
    ['a blank inside', `Basic ${GOOD.slice(0, 8)} ${GOOD.slice(8)}`],
    ['a tab inside', `Basic ${GOOD.slice(0, 8)}\t${GOOD.slice(8)}`],
    ['a blank before the padding', `Basic ${GOOD.slice(0, -2)} ==`],
    ['the alphabet for URLs: "-"', `Basic ${base64('alice:w>>>').replaceAll('+', '-')}`],
    ['the alphabet for URLs: "_"', `Basic ${base64('alice:w???').replaceAll('/', '_')}`],
    ['a blank of Latin-1 behind it', `${ALICE}\xa0`],
    ['parameters in place of base64', `Basic username="alice", password="wonderland"`],
    ['the scheme twice', `Basic ${ALICE}`],
    ['the same twice in one line', `${ALICE}, ${ALICE}`],
    ['a bearer token behind it', `${ALICE}, Bearer token`],
    ['no colon', `Basic ${base64('alice')}`],
    ['a colon alone', `Basic ${base64(':')}`],
    ['an empty password', basic('alice', '')],
    ['an empty password of a user without one', basic('sso', '')],
    ['NUL after the name', basic('alice\0', 'wonderland')],
    ['NUL after the password', basic('alice', 'wonderland\0')],
    ['a line feed in the name', basic('ali\nce', 'wonderland')],
    ['a line feed after the password', basic('alice', 'wonderland\n')],
    ['a carriage return', basic('alice', 'wonderland\r')],
    ['a tab in the password', basic('alice', 'wonder\tland')],
    ['DEL', basic('alice', 'wonderland\x7f')],
    ['Latin-1', `Basic ${bytes(0x6a, 0xfc, 0x3a, 0x78)}`],
    ['UTF-8 that breaks off', `Basic ${bytes(0x61, 0x3a, 0xe2, 0x82)}`],
    ['UTF-8 longer than it need be, for a colon', `Basic ${bytes(0x61, 0xc0, 0xba, 0x62)}`],
    ['half of a surrogate pair', `Basic ${bytes(0x61, 0x3a, 0xed, 0xa0, 0x80)}`],
    ['UTF-16', `Basic ${bytes(0xff, 0xfe, 0x61, 0x00, 0x3a, 0x00)}`],
  ])('%s', async (_, authorization) => {
    const { by, asked, verified } = start()
    const answer = await by(authorization)
    expect([answer.status, await verdict(answer)]).toEqual([401, 'invalid_credentials'])
    expect([asked, verified]).toEqual([[], []])
  })

  test('two Authorization headers, both of them good', async () => {
    const { ask, asked } = start()
    const answer = await ask([
      ['authorization', ALICE],
      ['authorization', basic('bob', 'builder')],
    ])
    expect([answer.status, await verdict(answer)]).toEqual([401, 'invalid_credentials'])
    expect(asked).toEqual([])
  })

  test.each([
    ['a password of more than 4,096 bytes', basic('alice', 'x'.repeat(4097))],
    ['the same in fewer characters', basic('alice', '€'.repeat(1366))],
    ['a megabyte of password', `Basic ${btoa(`alice:${'x'.repeat(1_000_000)}`)}`],
    ['a name of more than 1,024 characters', basic('x'.repeat(1025), 'wonderland')],
    ['a megabyte of name', `Basic ${btoa(`${'x'.repeat(1_000_000)}:x`)}`],
  ])('%s', async (_, authorization) => {
    const { by, asked, verified } = start()
    expect(await verdict(await by(authorization))).toBe('invalid_credentials')
    expect([asked, verified]).toEqual([[], []])
  })
})

describe('another scheme is none of its business', () => {
  test.each([
    ['no header', {}],
    ['an empty one', { authorization: '' }],
    ['a scheme that only begins alike', { authorization: `BasicX ${GOOD}` }],
    ['no blank between', { authorization: `Basic${GOOD}` }],
    ['a tab in place of the blank', { authorization: `Basic\t${GOOD}` }],
    ['a colon in place of the blank', { authorization: `Basic:${GOOD}` }],
    ['another scheme', { authorization: `Bearer ${GOOD}` }],
    ['another scheme before it', { authorization: `Bearer x, ${ALICE}` }],
    ['the header for proxies', { 'proxy-authorization': ALICE }],
    ['a header that only ends alike', { 'x-authorization': ALICE }],
  ])('%s', async (_, headers) => {
    const { ask, asked } = start()
    const answer = await ask(headers as Record<string, string>)
    expect([answer.status, await verdict(answer)]).toEqual([401, 'login_required'])
    expect(asked).toEqual([])
  })
})

describe('a hash of a lower cost', () => {
  const upgrading = (upgradeHash: (change: object) => void) => {
    const users = new Users()
    users.put('legacy', { id: 'legacy', hashedPassword: 'plain:old' })
    return start({
      users: { ...users.provider, upgradeHash: (_, change) => upgradeHash(change) },
      passwords: {
        ...plain,
        hash: (text) => `new:${text}`,
        needsRehash: (hashed) => hashed.startsWith('plain:'),
      },
    })
  }

  test('is renewed', async () => {
    const changes: object[] = []
    expect(await verdict(await upgrading((change) => changes.push(change)).by(basic('legacy', 'old')))).toBe(
      'legacy',
    )
    expect(changes).toEqual([{ from: 'plain:old', to: 'new:old' }])
  })

  test('is not renewed by a wrong password', async () => {
    const changes: object[] = []
    await upgrading((change) => changes.push(change)).by(basic('legacy', 'wrong'))
    expect(changes).toEqual([])
  })

  test('that cannot be renewed costs nobody his request', async () => {
    const { by } = upgrading(() => {
      throw new Error('read-only')
    })
    expect(await verdict(await by(basic('legacy', 'old')))).toBe('legacy')
  })
})
