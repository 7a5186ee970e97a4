export default defineEventHandler(async (event) => {
  await loginOf(event).logout()
  return sendRedirect(event, '/login', 303)
})
