'use server'
import { redirect } from 'next/navigation'
import { login } from './auth'

export const logIn = login.action(async (auth, form: FormData) => {
  const outcome = await auth.login(form.get('email'), form.get('password'))
  redirect(outcome.ok ? auth.safeRedirectPath(form.get('next'), '/app') : `/login?error=${outcome.code}`)
})

export const logOut = login.action(async (auth) => {
  await auth.logout()
  redirect('/login')
})
