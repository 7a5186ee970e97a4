import { withAuth } from 'latchkey/fetch'
import { latchkey as hono } from 'latchkey/hono'
import { latchkey as next } from 'latchkey/next'
import { latchkey as node } from 'latchkey/node'
import { latchkey as reactRouter } from 'latchkey/react-router'
import { latchkey as remix } from 'latchkey/remix'
import { expect, test } from 'vitest'
import { testApp } from '../app.ts'

const { auth } = testApp()
const misspelt = { adress: () => '192.0.2.1' } as object

// Without it the throttle would silently count by account alone.
test.each([
  ['fetch', () => withAuth(auth, () => new Response(), misspelt)],
  ['hono', () => hono(auth, misspelt)],
  ['next', () => next(auth, misspelt)],
  ['node', () => node(auth, misspelt)],
  ['react-router', () => reactRouter(auth, misspelt)],
  ['remix', () => remix(auth, misspelt)],
])('a misspelt option is refused: %s', (_, build) => {
  expect(build).toThrowError('No option `adress`. Is it misspelt?')
})
