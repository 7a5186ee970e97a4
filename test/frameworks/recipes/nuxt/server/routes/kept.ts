/** As under the route rules `swr`, `isr` and `cache`. */
export default defineCachedEventHandler(
  async (event) => (await authOf(event).authenticate()).user?.displayName,
)
