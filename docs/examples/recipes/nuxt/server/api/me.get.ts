export default defineEventHandler(async (event) => {
  const { user } = await authOf(event).authenticate()
  setResponseHeader(event, 'cache-control', 'no-store')
  return { name: user?.displayName ?? null }
})
