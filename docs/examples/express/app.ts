import express from 'express'
import { auth } from './auth.ts'
import { appPage, loginPage } from './pages.ts'

export const app = express()
app.use(auth, express.urlencoded({ extended: false }))

app.get('/', (_req, res) => res.redirect(303, '/app'))

app.get('/login', (req, res) => loginPage(res, new URL(auth.of(req).request.url).searchParams))

app.post('/login', async (req, res) => {
  const { email, password, next } = req.body ?? {}
  const outcome = await auth.of(req).login(email, password)
  res.redirect(303, outcome.ok ? auth.of(req).safeRedirectPath(next, '/app') : `/login?error=${outcome.code}`)
})

app.post('/logout', async (req, res) => {
  await auth.of(req).logout()
  res.redirect(303, '/login')
})

app.get('/app', auth.requireUser({ redirectTo: '/login' }), (req, res) =>
  appPage(res, auth.userOf(req).displayName),
)
