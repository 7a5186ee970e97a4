import { describe, expect, test } from 'vitest'
import { canonicalIp, networkOf } from '../../../src/http/ip-address.ts'

describe('one spelling for each address', () => {
  test.each([
    ['192.0.2.1', '::ffff:c000:201'],
    ['0.0.0.0', '::ffff:0:0'],
    ['255.255.255.255', '::ffff:ffff:ffff'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:0DB8:0:0::2:1', '2001:db8::2:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['::ffff:c000:201', '::ffff:c000:201'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('%s', (text, canonical) => expect(canonicalIp(text)).toEqual(canonical))
})

describe('what is not an address', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'unknown'],
    ['a host', 'example.com'],
    ['a path', '::1]/['],
    ['a byte with a zero before it', '192.0.2.01'],
    ['a byte in hexadecimal', '0xc0.0.2.1'],
    ['a number', '3232235777'],
    ['a short number', '1234'],
    ['a word of hexadecimal digits', 'cafe'],
    ['three bytes', '192.0.2'],
    ['five bytes', '192.0.2.1.5'],
    ['a byte of 256', '192.0.2.256'],
    ['a sign', '192.0.2.-1'],
    ['blanks', ' 192.0.2.1'],
    ['a port', '192.0.2.1:80'],
    ['brackets', '[::1]'],
    ['a zone', 'fe80::1%eth0'],
    ['seven groups', '1:2:3:4:5:6:7'],
    ['nine groups', '1:2:3:4:5:6:7:8:9'],
    ['eight groups and a gap', '1:2:3:4::5:6:7:8'],
    ['two gaps', '1::2::3'],
    ['three colons', ':::'],
    ['a colon at the end', '1:2:3:4:5:6:7:'],
    ['a group of five digits', '::12345'],
    ['a letter that is not a digit', '::g'],
    ['more groups than anybody can count', `${'1:'.repeat(100_000)}1`],
    ['more gaps than anybody can count', '::'.repeat(100_000)],
  ])('%s', (_, text) => expect(canonicalIp(text)).toBeNull())
})

describe('one network', () => {
  test.each([
    ['an IPv4 address and itself', '192.0.2.1', '192.0.2.1'],
    ['an IPv4 address and the IPv6 address that it is mapped to', '192.0.2.1', '::ffff:192.0.2.1'],
    ['the same in hexadecimal', '192.0.2.1', '::FFFF:c000:0201'],
    ['two addresses of one /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['two spellings of one address', '2001:0db8:0000:0000::1', '2001:db8::1'],
    ['two addresses of one /64 with a gap before the fourth group', '1::2:3:4:5:6', '1::2:7:7:7:7'],
    ['two of the first /64', '::1', '::2'],
    ['an address with a zone and without', 'fe80::1%eth0', 'fe80::2'],
  ])('%s', (_, one, other) => expect(networkOf(one)).toBe(networkOf(other)))

  test.each([
    ['neighbours in IPv4', '192.0.2.1', '192.0.2.2'],
    ['a gap before the fourth group', '1::2:3:4:5:6', '1::3:3:4:5:6'],
    ['two /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['an IPv4 address and the deprecated IPv6 form of it', '192.0.2.1', '::192.0.2.1'],
    ['two texts that are not addresses', 'one', 'other'],
  ])('two: %s', (_, one, other) => expect(networkOf(one)).not.toBe(networkOf(other)))
})
