import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { app } from '../../../docs/examples/hono/app.ts'

const ORIGIN = 'http://localhost:3000'
const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' }

describe('the example for Hono', () => {
  test('logs in, to the page that was wanted, and out', async () => {
    const browser = new TestBrowser((request) => app.fetch(request), ORIGIN)
    expect((await browser.get('/')).headers.get('location')).toBe('/app')
    expect((await browser.get('/app')).headers.get('location')).toBe('/login?next=%2Fapp')
    expect(await (await browser.get('/login?next=%2Fapp')).text()).toContain('name="next" value="/app"')
    const wrong = await browser.post('/login', { ...ADA, password: 'wrong' })
    expect(wrong.headers.get('location')).toBe('/login?error=invalid_credentials')
    expect(await (await browser.get('/login?error=invalid_credentials')).text()).toContain('role="alert"')
    const login = await browser.post('/login', { ...ADA, next: '/app?tab=2' })
    expect([login.status, login.headers.get('location')]).toEqual([303, '/app?tab=2'])
    expect(await (await browser.get('/app')).text()).toContain('<h1>Hello Ada</h1>')
    expect((await browser.post('/logout')).headers.get('location')).toBe('/login')
    expect((await browser.get('/app')).status).toBe(303)
  })
})
