export { checkCount, checkSeconds, misconfigured, refuseUnknown } from './base/options.ts'
export { type CrossOriginOptions, type CrossOriginReason, crossOriginRefusal } from './http/cross-origin.ts'
export { refusal, wantsJson } from './http/denied-response.ts'
export {
  type ResponseHeaders,
  type SessionCommit,
  withSession,
  writeSession,
} from './http/response-headers.ts'
export type { RoutedPath } from './identity/protect-paths.ts'
export { errorResponse } from './request/handle-request.ts'
export { type AuthSource, authBy } from './request/resolve-auth.ts'
export { type ForeignSession, foreignSession } from './session/foreign.ts'
export { patched } from './session/record.ts'
export { ReadModifyWrite } from './session/stored/eventual.ts'
