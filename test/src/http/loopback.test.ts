import { describe, expect, test } from 'vitest'
import { isLoopbackHttp } from '../../../src/http/session-cookie.ts'

describe('plain http on this machine', () => {
  test.each([
    'http://localhost',
    'http://localhost/',
    'http://localhost/path?query#fragment',
    'http://localhost:3000',
    'http://localhost:3000/',
    'http://app.localhost',
    'http://a.b-c.localhost:3000/',
    'http://127.0.0.1',
    'http://127.0.0.1:8080/x',
    'http://127.255.255.254/',
    'http://[::1]',
    'http://[::1]:8080/',
  ])('%s', (url) => {
    expect(isLoopbackHttp(url)).toBe(true)
    expect(isLoopbackHttp(new URL(url).href)).toBe(true)
  })
})

describe('another host, or another scheme', () => {
  test.each([
    ['https', 'https://localhost/'],
    ['a WebSocket', 'ws://localhost/'],
    ['a scheme that ends alike', 'xhttp://localhost/'],
    ['the address behind another one', 'https://app.test/http://localhost/'],
    ['a host in the network', 'http://192.168.1.5/'],
    ['all addresses of this machine', 'http://0.0.0.0/'],
    ['the host of an app', 'http://app.test/'],
    ['a host that begins like localhost', 'http://localhost.evil.test/'],
    ['a host that begins like localhost, with a port', 'http://localhost.evil.test:3000/'],
    ['a host that only begins with its letters', 'http://localhosts/'],
    ['a host that only ends with its letters', 'http://mylocalhost/'],
    ['a host that ends with its letters behind a hyphen', 'http://my-localhost/'],
    ['nothing before `.localhost`', 'http://.localhost/'],
    ['localhost in the middle', 'http://app.localhost.evil.test/'],
    ['a host that begins like a loopback address', 'http://127.0.0.1.evil.test/'],
    ['a host whose dots are missing', 'http://127a0a0a1/'],
    ['an address of three numbers', 'http://127.0.0/x.1'],
    ['an address that only ends alike', 'http://1127.0.0.1/'],
    ['letters in an address', 'http://127.0.0.x/'],
    ['another IPv6 address', 'http://[::2]/'],
    ['an IPv6 address that only begins alike', 'http://[::1:1]/'],
    ['an IPv6 address without brackets', 'http://::1/'],
    ['a user name', 'http://localhost@evil.test/'],
    ['a user name and a password', 'http://localhost:3000@evil.test/'],
    ['a port in letters', 'http://localhost:evil.test/'],
    ['a port of nothing', 'http://localhost:/'],
    ['nothing', ''],
  ])('%s', (_, url) => expect(isLoopbackHttp(url)).toBe(false))
})
