// Who is logged in: sessions made from their number alone, so that a million of them take no memory until they are asked
// for, and every one of them has a cookie that opens it.
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { createAuth, storedSessions } from '../../../dist/index.js'

const SECRET = 'q3Jx9vT7mZk2Lw8RbN5sYc4HdF6gPa1UeXo0tIiVyKjMBnCz'
const ORIGIN = 'http://localhost:3000'
const OTHERS = 'theme=dark; _ga=GA1.1.1234567890.1700000000'
export const DAY_MS = 86_400_000

/** Of 1,000 users one has 10 sessions, the others one each. */
export const SESSIONS_OF_MANY = 10
const PER_THOUSAND = 999 + SESSIONS_OF_MANY
/** As many sessions make up the visitors who come again and again. */
const ACTIVE = 1000

const sha256 = (text) => createHash('sha256').update(text)
const pad = (i) => String(i).padStart(7, '0')

// What the library derives by Web Crypto, here at once: otherwise a million logins would take minutes.
const derived = (label) =>
  Buffer.from(hkdfSync('sha256', SECRET, new Uint8Array(32), `latchkey/v1/${label}`, 32))
const hashKey = derived('session-hash')
const keyId = derived('key-id').subarray(0, 4).toString('hex')
function sessionHashOf({ id, hashedPassword }) {
  const stamp = sha256(hashedPassword).digest().subarray(0, 16).toString('base64url')
  const message = ['string', id, stamp, '0'].map((field) => `${field.length}:${field}`).join('')
  return `${keyId}.${createHmac('sha256', hashKey).update(message).digest('base64url')}`
}

const userOf = (id) => ({ id, hashedPassword: `$argon2id$v=19$m=19456,t=2,p=1$${id}` })

function userIdOf(session) {
  const rest = session % PER_THOUSAND
  const first = Math.floor(session / PER_THOUSAND) * 1000
  return `user_${pad(first + Math.max(0, rest - SESSIONS_OF_MANY + 1))}`
}

/** About 400 bytes of JSON: what a login writes, and five small keys of the app. */
function dataOf(user, number, now) {
  return {
    displayName: `Grace Hopper ${number}`,
    email: `grace.hopper.${number}@example.com`,
    locale: 'en-GB',
    csrf: sha256(`csrf ${number}`).digest('hex').slice(0, 48),
    lastOrder: `2026-11-05 no. ${number}, 3 articles`,
    _auth_user_id: user.id,
    _auth_user_hash: sessionHashOf(user),
    _auth_method: 'password',
    _auth_time: now,
  }
}

const tokenOf = (i) => `1.${sha256(`token ${i}`).digest('base64url')}`

export const idOf = (i) => sha256(`session=${tokenOf(i)}`).digest('base64url')

export function recordOf(i, now = Date.now()) {
  const user = userOf(userIdOf(i))
  // Through JSON, as data comes from an engine: no string shares its memory with another one.
  const data = JSON.parse(JSON.stringify(dataOf(user, pad(i), now)))
  const owner = sha256(`session:user:string:${user.id}`).digest('base64url')
  return { data, createdAt: now, renewedAt: now, expiresAt: now + DAY_MS, keptUntil: now + DAY_MS, owner }
}

const requestWith = (cookie) => new Request(`${ORIGIN}/me`, { headers: { cookie } })
export const visitorRequest = () => requestWith(OTHERS)
/** The request that a browser sends after it was given this `Set-Cookie`. */
export const requestAfter = (setCookie) =>
  requestWith(`${OTHERS}; ${setCookie.slice(0, setCookie.indexOf(';'))}`)
export const requestOf = (i) => requestWith(`${OTHERS}; session=${tokenOf(i)}`)

export const authOver = (records) =>
  createAuth({
    secret: SECRET,
    origin: ORIGIN,
    users: { findById: userOf, findByUsername: userOf },
    passwords: { verify: () => false, dummyHash: '-' },
    sessions: storedSessions(records),
  })

/** Draws from `size` sessions. */
export function population(size) {
  const below = (n) => Math.floor(Math.random() * n)
  const length = Math.min(size, ACTIVE)
  const active = Array.from({ length }, (_, i) => i * Math.floor(size / length))
  return {
    any: () => below(size),
    active: () => active,
    anyActive: () => active[below(length)],
    anyUser: () => userOf(userIdOf(below(size))),
    /** The sessions of a user who has many. */
    anyOfMany() {
      const first = below(Math.max(1, Math.floor(size / PER_THOUSAND))) * PER_THOUSAND
      return Array.from({ length: SESSIONS_OF_MANY }, (_, i) => first + i)
    },
    userIdOf,
  }
}
