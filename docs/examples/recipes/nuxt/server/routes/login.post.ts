export default defineEventHandler(async (event) => {
  const auth = loginOf(event)
  const form = await readFormData(event)
  const outcome = await auth.login(form.get('email'), form.get('password'))
  const next = auth.safeRedirectPath(form.get('next'), '/app')
  return sendRedirect(event, outcome.ok ? next : `/login?error=${outcome.code}`, 303)
})
