import { createFileRoute } from '@tanstack/react-router'
import { createServerFn } from '@tanstack/react-start'

const thrown = createServerFn().handler(({ context: { auth } }) => {
  auth.session.set('note', 'written')
  throw new Error('on purpose')
})

export const Route = createFileRoute('/thrown')({
  // Start leaves out what no page calls.
  loader: () => thrown(),
  server: {
    handlers: { GET: () => new Response(null, { status: 303, headers: { location: thrown.url } }) },
  },
})
