export default defineEventHandler(async (event) => {
  await authOf(event).logout()
  return sendRedirect(event, '/login', 303)
})
