import type { H3Event } from 'h3'
import { auth } from '../auth.ts'

/** Login and logout for this request. */
export function authOf({ context, node: { req } }: H3Event) {
  // What a page fetches while it is rendered is part of the request for that page, and is saved with it.
  const visit = '__unenv__' in req ? (req.__unenv__ as H3Event['context'] | undefined) : context
  if (context.cache || visit?.cache)
    throw new Error('A cached answer is for everybody: no login under `swr`, `isr` or `cache`.')
  if (!visit?.visitor)
    throw new Error('No visitor: the server asked itself, or server/middleware/login.ts is missing.')
  return auth.of(visit.visitor)
}
