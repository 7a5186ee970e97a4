export { type ExpressSessionRequest, expressSession } from './express-session.ts'
export { latchkey, type NodeAuth, type NodeMiddleware, type NodeOptions } from './latchkey.ts'
export { type IncomingLike, type OutgoingLike, toRequest } from './node-http.ts'
export {
  type ExpressSessionStore,
  type PreviousExpressOptions,
  type PreviousExpressSession,
  previousExpressSession,
} from './previous-express-session.ts'
export type { SocketLike } from './upgrade.ts'
