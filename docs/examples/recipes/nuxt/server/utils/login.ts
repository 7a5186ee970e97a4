import type { H3Event } from 'h3'
import { latchkey } from 'latchkey/node'
import { auth } from '../auth.ts'

export const login = latchkey(auth)

/** Login and logout for this request. */
export function loginOf({ context, node: { req } }: H3Event) {
  // What a page fetches while it is rendered is part of the request for that page, and is saved with it.
  const visit = '__unenv__' in req ? (req.__unenv__ as H3Event['context'] | undefined) : context
  if (context.cache || visit?.cache)
    throw new Error('A cached answer is for everybody: no login under `swr`, `isr` or `cache`.')
  if (!visit?.visitor)
    throw new Error('No visitor: the server asked itself, or server/middleware/login.ts is missing.')
  return login.of(visit.visitor)
}
