import express from 'express'
import { latchkey } from 'latchkey/node'
import { auth } from './auth.ts'
import { appPage, loginPage } from './pages.ts'

const login = latchkey(auth)

export const app = express()
app.use(login, express.urlencoded({ extended: false }))

app.get('/', (_req, res) => res.redirect(303, '/app'))

app.get('/login', (req, res) => loginPage(res, new URL(login.of(req).request.url).searchParams))

app.post('/login', async (req, res) => {
  const { email, password, next } = req.body ?? {}
  const outcome = await login.of(req).login(email, password)
  res.redirect(
    303,
    outcome.ok ? login.of(req).safeRedirectPath(next, '/app') : `/login?error=${outcome.code}`,
  )
})

app.post('/logout', async (req, res) => {
  await login.of(req).logout()
  res.redirect(303, '/login')
})

app.get('/app', login.requireUser({ redirectTo: '/login' }), (req, res) =>
  appPage(res, login.userOf(req).displayName),
)
