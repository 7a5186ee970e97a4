import { createFileSessionStorage } from '@react-router/node'
import {
  createCookieSessionStorage as remixCookieStorage,
  createFileSessionStorage as remixFileStorage,
  createMemorySessionStorage as remixMemoryStorage,
} from '@remix-run/node'
import type { SessionStorageLike } from 'latchkey/react-router'
import { createCookieSessionStorage, createMemorySessionStorage, createSessionStorage } from 'react-router'

export { createCookieSessionStorage, createMemorySessionStorage, createSessionStorage }

export const NAME = '__session'
const cookie = {
  name: NAME,
  secrets: ['s3cret-of-the-storage'],
  httpOnly: true,
  secure: true,
  sameSite: 'lax' as const,
}

/** Every storage that comes with React Router and with Remix 2, and whether an ended session's cookie is worthless. */
export const STORAGES: readonly (readonly [
  name: string,
  make: (dir: string) => SessionStorageLike,
  canEndCopies: boolean,
])[] = [
  ['React Router, memory', () => createMemorySessionStorage({ cookie }), true],
  ['React Router, files', (dir) => createFileSessionStorage({ cookie, dir }), true],
  ['React Router, cookie', () => createCookieSessionStorage({ cookie }), false],
  ['Remix 2, memory', () => remixMemoryStorage({ cookie }), true],
  ['Remix 2, files', (dir) => remixFileStorage({ cookie, dir }), true],
  ['Remix 2, cookie', () => remixCookieStorage({ cookie }), false],
]
