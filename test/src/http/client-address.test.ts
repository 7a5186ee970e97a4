import { describe, expect, test } from 'vitest'
import { checkTrustProxy, clientAddress } from '../../../src/http/client-address.ts'

const SOCKET = '203.0.113.7'

const addressOf = (forwarded: string | null, trustProxy: number, socket: string | undefined = SOCKET) => {
  const headers: Record<string, string> = forwarded === null ? {} : { 'x-forwarded-for': forwarded }
  return clientAddress(new Request('https://app.test/', { headers }), socket, trustProxy)
}

describe('which entry counts', () => {
  test.each<[sentence: string, forwarded: string | null, trustProxy: number, address: string]>([
    ['no proxy: the socket', '192.0.2.1', 0, SOCKET],
    ['no header: the socket', null, 1, SOCKET],
    ['an empty header: the socket', '', 1, SOCKET],
    ['one proxy: the last entry', '192.0.2.1, 192.0.2.2', 1, '192.0.2.2'],
    ['two proxies: the last entry but one', '192.0.2.1, 192.0.2.2', 2, '192.0.2.1'],
    ['two proxies, what the client wrote before them', '10.0.0.1,192.0.2.1,192.0.2.2', 2, '192.0.2.1'],
    ['more proxies than entries: the socket', '192.0.2.1, 192.0.2.2', 3, SOCKET],
    ['an empty entry: the socket', '192.0.2.1,', 1, SOCKET],
    ['blanks around an entry', '192.0.2.1 ,\t192.0.2.2\t', 1, '192.0.2.2'],
  ])('%s', (_, forwarded, trustProxy, address) => expect(addressOf(forwarded, trustProxy)).toBe(address))

  test('the socket may be unknown', () => {
    const request = new Request('https://app.test/')
    expect(clientAddress(request, undefined, 0)).toBeUndefined()
    expect(clientAddress(request, undefined, 1)).toBeUndefined()
    expect(addressOf('192.0.2.1', 1, undefined)).toBe('192.0.2.1')
  })
})

describe('an entry that is an address', () => {
  test.each([
    ['IPv4', '192.0.2.1', '192.0.2.1'],
    ['the lowest and the highest numbers', '0.0.255.255', '0.0.255.255'],
    ['IPv4 with a port', '192.0.2.1:49152', '192.0.2.1'],
    ['IPv6', '2001:db8::1', '2001:db8::1'],
    ['IPv6 in capitals', '2001:DB8::A', '2001:DB8::A'],
    ['IPv6, not compressed', '2001:db8:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:1'],
    ['the shortest IPv6', '::', '::'],
    ['IPv6 in brackets', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 in brackets with a port', '[2001:db8::1]:49152', '2001:db8::1'],
    ['IPv4-mapped IPv6', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['IPv4-mapped IPv6 in brackets', '[::ffff:192.0.2.1]:80', '::ffff:192.0.2.1'],
  ])('%s', (_, entry, address) => {
    expect(addressOf(entry, 1)).toBe(address)
    expect(addressOf(`10.0.0.1, ${entry}`, 1)).toBe(address)
  })
})

describe('an entry that is not an address leaves the socket', () => {
  test.each([
    ['a word', 'unknown'],
    ['an obfuscated name (RFC 7239)', '_hidden'],
    ['a host name', 'app.test'],
    ['five numbers', '1.2.3.4.5'],
    ['three numbers', '1.2.3'],
    ['a number of four digits', '1.2.3.1000'],
    ['an empty number', '1.2.3.'],
    ['a blank inside', '1.2.3 .4'],
    ['text behind it', '1.2.3.4x'],
    ['text before it', 'x1.2.3.4'],
    ['a port without digits', '1.2.3.4:'],
    ['a port in letters', '1.2.3.4:http'],
    ['two ports', '1.2.3.4:1:2'],
    ['one colon', 'ab:cd'],
    ['a bracket alone', '[2001:db8::1'],
    ['the other bracket alone', '2001:db8::1]'],
    ['nothing in brackets', '[]'],
    ['a word in brackets', '[unknown]'],
    ['text behind the brackets', '[2001:db8::1]x'],
    ['a port in letters behind the brackets', '[2001:db8::1]:http'],
    ['letters that are not hexadecimal', '2001:db8::g'],
    ['a page', 'a:'.repeat(5000)],
  ])('%s', (_, entry) => expect(addressOf(entry, 1)).toBe(SOCKET))
})

describe('`trustProxy`', () => {
  test.each([0, 1, 2, 16])('%d is a number of proxies', (hops) => expect(checkTrustProxy(hops)).toBe(hops))

  test.each([
    ['true', true],
    ['a negative number', -1],
    ['17', 17],
    ['half a proxy', 0.5],
    ['text', '1'],
    ['nothing', undefined],
    ['null', null],
    ['not a number', Number.NaN],
  ])('%s is refused', (_, hops) =>
    expect(() => checkTrustProxy(hops)).toThrowError(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining('`trustProxy`'),
      }),
    ),
  )
})
