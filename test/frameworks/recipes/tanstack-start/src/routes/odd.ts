import { createFileRoute } from '@tanstack/react-router'
import { odd } from '../../odd.ts'

export const Route = createFileRoute('/odd')({
  server: {
    handlers: {
      GET: ({ context: { auth } }) => odd(auth),
      POST: ({ context: { auth } }) => odd(auth),
    },
  },
})
