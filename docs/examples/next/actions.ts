'use server'
import { redirect } from 'next/navigation'
import { auth } from './auth'

export const logIn = auth.action(async (current, form: FormData) => {
  const outcome = await current.login(form.get('email'), form.get('password'))
  redirect(outcome.ok ? current.safeRedirectPath(form.get('next'), '/app') : `/login?error=${outcome.code}`)
})

export const logOut = auth.action(async (current) => {
  await current.logout()
  redirect('/login')
})
