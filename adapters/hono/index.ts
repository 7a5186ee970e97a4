export { honoSession } from './hono-session.ts'
export { honoSessions } from './hono-sessions.ts'
export { type AuthVariables, type LatchkeyOptions, latchkey } from './latchkey.ts'
export { requireNotImpersonating, requireScopes, requireUser, type SignedIn } from './require-user.ts'
