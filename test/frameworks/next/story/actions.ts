'use server'
import { notFound, redirect } from 'next/navigation'
import { login } from './auth.ts'

export const logIn = login.action(async (auth, form: FormData) => {
  const outcome = await auth.login(form.get('name'), form.get('password'))
  redirect(outcome.ok ? auth.safeRedirectPath(form.get('next'), '/account') : `/login?error=${outcome.code}`)
})

export const logInAndStay = login.action(async (auth, form: FormData) => {
  await auth.login(form.get('name'), form.get('password'))
})

export const logOut = login.action(async (auth) => {
  await auth.logout()
  redirect('/login')
})

export const logOutAndThrow = login.action(async (auth) => {
  await auth.logout()
  auth.session.set('lost', 1)
  throw new Error('half-way')
})

export const writeAndThrow = login.action(async (auth) => {
  auth.session.set('lost', 1)
  throw new Error('half-way')
})

export const writeAndRedirect = login.action(async (auth) => {
  auth.session.set('kept', 1)
  redirect('/account')
})

export const writeAndNotFound = login.action(async (auth) => {
  auth.session.set('kept', 1)
  notFound()
})

export const writeTooMuch = login.action(async (auth) => {
  auth.session.set('much', 'x'.repeat(5000))
  redirect('/account')
})

export const logOutAndWriteTooMuch = login.action(async (auth) => {
  await auth.logout()
  auth.session.set('much', 'x'.repeat(5000))
  redirect('/account')
})

export const readOnly = login.action(async (auth) => {
  await auth.authenticate()
})
