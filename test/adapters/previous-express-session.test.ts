import { createHmac } from 'node:crypto'
import { previousExpressSession } from 'latchkey/node'
import { describe, expect, test } from 'vitest'

const SECRET = 'keyboard cat'

/** As cookie-signature makes it. */
const signed = (id: string, secret = SECRET): string =>
  `s:${id}.${createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')}`

type Done = (error?: unknown, session?: unknown) => void

/** A store of express-session that knows one id. */
const storeOf = (get: (id: string, done: Done) => unknown) => ({
  ended: [] as string[],
  get,
  destroy(id: string, done: Done): void {
    this.ended.push(id)
    setImmediate(done)
  },
})
const good = () =>
  storeOf((id, done) => setImmediate(done, null, id === 'abc' ? { passport: { user: '1' } } : undefined))
const previous = (store: ReturnType<typeof storeOf>, secret: string | readonly string[] = SECRET) =>
  previousExpressSession({ store, secret })

describe('a session of express-session', () => {
  test('is read by its signed id, and ended', async () => {
    const store = good()
    const { read, end, cookie } = previous(store)
    const session = await read(signed('abc'))
    expect([session, cookie]).toEqual([{ passport: { user: '1' }, id: 'abc' }, { name: 'connect.sid' }])
    await end(session as NonNullable<typeof session>)
    expect(store.ended).toEqual(['abc'])
  })

  test('is signed by any secret of a list', async () => {
    const { read } = previous(good(), ['new', SECRET])
    expect(await read(signed('abc'))).toMatchObject({ id: 'abc' })
    expect(await read(signed('abc', 'new'))).toMatchObject({ id: 'abc' })
  })

  test.each([
    ['unsigned', 'abc'],
    ['signed by another secret', signed('abc', 'other')],
    ['of an id that the store does not have', signed('abd')],
    ['altered', signed('abc').replace('abc', 'abd')],
    ['without an id', signed('')],
    ['without the mark of a signature', signed('abc').slice(2)],
    ['with a signature of another length', `${signed('abc')}A`],
    ['with characters that are no base64', `s:abc.${'_'.repeat(43)}`],
    ['empty', ''],
    ['the mark alone', 's:'],
    ['200,000 dots', `s:${'.'.repeat(200_000)}`],
  ])('is none: %s', async (_, value) => {
    expect(await previous(good()).read(value)).toBeNull()
  })

  test.each<[sentence: string, get: (id: string, done: Done) => unknown, answer: unknown]>([
    ['calls back with an error', (_, done) => setImmediate(done, new Error('down')), 'down'],
    [
      'throws',
      () => {
        throw new Error('down')
      },
      'down',
    ],
    ['rejects instead of calling back', () => Promise.reject(new Error('down')), 'down'],
    ['has no such file', (_, done) => done(Object.assign(new Error('none'), { code: 'ENOENT' })), null],
    ['calls back without a session', (_, done) => done(), null],
  ])('a store that %s', async (_, get, answer) => {
    const reading = Promise.resolve(previous(storeOf(get)).read(signed('abc')))
    expect(await reading.catch((error: Error) => error.message)).toBe(answer)
  })

  test.each([
    ['no store', { secret: SECRET }, /`store`/],
    ['a store without `destroy`', { store: { get: () => {} }, secret: SECRET }, /`store`/],
    ['no secret', { store: good() }, /`secret`/],
    ['an empty list of secrets', { store: good(), secret: [] }, /`secret`/],
    ['an unknown option', { store: good(), secret: SECRET, cookie: 'sid' }, /`cookie`/],
  ])('is refused when built: %s', (_, options, message) => {
    expect(() => previousExpressSession(options as never)).toThrow(message)
  })
})
