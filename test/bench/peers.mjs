// The peers, each as its own documentation says to use it: log in, say who a request is.
import { createHash, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import { createCookie } from '@remix-run/cookie'
import { createSession } from '@remix-run/session'
import { createMemorySessionStorage } from '@remix-run/session/memory-storage'
import { parseCookie, stringifySetCookie } from 'cookie'
import session from 'express-session'
import { getIronSession } from 'iron-session'
import { Passport } from 'passport'

const SECRET = 'q3Jx9vT7mZk2Lw8RbN5sYc4HdF6gPa1UeXo0tIiVyKjMBnCz'
const ATTRIBUTES = { path: '/', httpOnly: true, sameSite: 'lax' }

/** What every contender keeps: a user id, a hash and five small keys, about 300 bytes of JSON. */
export function dataOf(i) {
  const number = String(i).padStart(7, '0')
  return {
    userId: `user_${number}`,
    authHash: createHash('sha256').update(`password ${i}`).digest('hex'),
    displayName: `Grace Hopper ${number}`,
    email: `grace.hopper.${number}@example.com`,
    role: 'editor',
    locale: 'en-GB',
    theme: createHash('sha256').update(`theme ${i}`).digest('hex').slice(0, 48),
  }
}

/** The least that a session on the server can cost: read one cookie, look into a map. */
const floor = {
  meta: { id: 'floor: cookie pkg + Map', host: 'web' },
  async create() {
    const map = new Map()
    return {
      login(_, data) {
        const token = randomBytes(32).toString('base64url')
        map.set(token, { ...data })
        return { setCookies: [stringifySetCookie({ name: 'sid', value: token, ...ATTRIBUTES })] }
      },
      authenticate(request) {
        const { sid } = parseCookie(request.headers.get('cookie') ?? '')
        return map.get(sid)?.userId ?? null
      },
    }
  },
}

const ironSession = {
  meta: { id: 'iron-session', host: 'web' },
  async create() {
    const options = { password: SECRET, cookieName: 'sid', cookieOptions: { secure: false } }
    return {
      async login(request, data) {
        const headers = new Headers()
        const current = await getIronSession(request, headers, options)
        Object.assign(current, data)
        await current.save()
        return { setCookies: headers.getSetCookie() }
      },
      authenticate: async (request) => (await getIronSession(request, new Headers(), options)).userId ?? null,
    }
  },
}

const remixSession = {
  meta: { id: '@remix-run/session memory', host: 'web' },
  async create() {
    const cookie = createCookie('sid', { secrets: [SECRET], ...ATTRIBUTES, sameSite: 'Lax' })
    const storage = createMemorySessionStorage()
    return {
      async login(_, data) {
        const current = createSession()
        for (const key in data) current.set(key, data[key])
        return { setCookies: [await cookie.serialize(await storage.save(current))] }
      },
      async authenticate(request) {
        const current = await storage.read(await cookie.parse(request.headers.get('cookie')))
        return current.get('userId') ?? null
      },
    }
  },
}

const socket = Object.assign(new EventEmitter(), {
  remoteAddress: '127.0.0.1',
  writable: true,
  cork() {},
  uncork() {},
  write: () => true,
})

/** The two middlewares on real request and response objects, without Express around them: the best case for them. */
const expressPassport = {
  meta: { id: 'express-session + passport', host: 'node' },
  async create() {
    const sessions = session({
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      name: 'sid',
      cookie: ATTRIBUTES,
    })
    const passport = new Passport()
    passport.serializeUser((user, done) => done(null, user.id))
    passport.deserializeUser((id, done) => done(null, { id }))
    const users = passport.session()
    const enter = (request) =>
      new Promise((resolve, reject) => {
        const next = (error) =>
          error ? reject(error) : users(request, request.res, (e) => (e ? reject(e) : resolve()))
        sessions(request, request.res, next)
      })
    const leave = (request) => {
      request.res.end()
      return request.res.done
    }
    return {
      makeRequest(cookie, method = 'GET') {
        const request = new http.IncomingMessage(socket)
        Object.assign(request, {
          method,
          url: '/me',
          headers: { host: 'localhost', ...(cookie ? { cookie } : {}) },
        })
        const response = new http.ServerResponse(request)
        response.done = new Promise((resolve) => {
          response.end = function end() {
            if (!this._header) this._implicitHeader()
            resolve()
            return this
          }
        })
        request.res = response
        return request
      },
      async login(request, data) {
        await enter(request)
        await new Promise((resolve, reject) =>
          request.login({ id: data.userId }, (e) => (e ? reject(e) : resolve())),
        )
        for (const key in data) if (key !== 'userId') request.session[key] = data[key]
        await leave(request)
        return { setCookies: [request.res.getHeader('set-cookie')].flat() }
      },
      async authenticate(request) {
        await enter(request)
        const id = request.user?.id ?? null
        await leave(request)
        return id
      },
    }
  },
}

export const peers = [floor, ironSession, remixSession, expressPassport]
