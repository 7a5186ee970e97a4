'use server'
import { notFound, redirect } from 'next/navigation'
import { auth } from './auth.ts'

export const logIn = auth.action(async (current, form: FormData) => {
  const outcome = await current.login(form.get('name'), form.get('password'))
  redirect(
    outcome.ok ? current.safeRedirectPath(form.get('next'), '/account') : `/login?error=${outcome.code}`,
  )
})

export const logInAndStay = auth.action(async (current, form: FormData) => {
  await current.login(form.get('name'), form.get('password'))
})

export const logOut = auth.action(async (current) => {
  await current.logout()
  redirect('/login')
})

export const logOutAndThrow = auth.action(async (current) => {
  await current.logout()
  current.session.set('lost', 1)
  throw new Error('half-way')
})

export const writeAndThrow = auth.action(async (current) => {
  current.session.set('lost', 1)
  throw new Error('half-way')
})

export const writeAndRedirect = auth.action(async (current) => {
  current.session.set('kept', 1)
  redirect('/account')
})

export const writeAndNotFound = auth.action(async (current) => {
  current.session.set('kept', 1)
  notFound()
})

export const writeTooMuch = auth.action(async (current) => {
  current.session.set('much', 'x'.repeat(5000))
  redirect('/account')
})

export const logOutAndWriteTooMuch = auth.action(async (current) => {
  await current.logout()
  current.session.set('much', 'x'.repeat(5000))
  redirect('/account')
})

export const readOnly = auth.action(async (current) => {
  await current.authenticate()
})

export const askAndLogOut = auth.action(async (current) => {
  await current.authenticate()
  await logOut()
})

export const writeAndLogOut = auth.action(async (current) => {
  current.session.set('outer', 1)
  await logOut()
})

export const writeAndLogIn = auth.action(async (current, form: FormData) => {
  current.session.set('outer', 1)
  await logIn(form)
})

export const catchAndWrite = auth.action(async (current) => {
  await writeAndThrow().catch(() => {})
  current.session.set('outer', 1)
  redirect('/account')
})
