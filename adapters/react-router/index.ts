export { latchkey, type ReactRouterAuth, type ReactRouterOptions } from './latchkey.ts'
export { type RouterSession, routerSession } from './router-session.ts'
export type { RouterArgs, RouterContext, RouterContextKey } from './router-types.ts'
export type { SessionLike, SessionStorageLike } from './session-storage.ts'
