import { createFileRoute } from '@tanstack/react-router'

export const Route = createFileRoute('/logout')({
  server: {
    handlers: {
      async POST({ context: { auth } }) {
        await auth.logout()
        return new Response(null, { status: 303, headers: { location: '/login' } })
      },
    },
  },
})
