export default defineEventHandler(async (event) => {
  const current = authOf(event)
  const form = await readFormData(event)
  const outcome = await current.login(form.get('email'), form.get('password'))
  const next = current.safeRedirectPath(form.get('next'), '/app')
  return sendRedirect(event, outcome.ok ? next : `/login?error=${outcome.code}`, 303)
})
