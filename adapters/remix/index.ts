export { latchkey, type RemixAuth, type RemixOptions } from './latchkey.ts'
export { type RemixSessionLike, remixSession } from './remix-session.ts'
export type { RemixContext } from './require-user.ts'
