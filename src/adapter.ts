export { checkCount, checkSeconds, misconfigured, refuseUnknown } from './base/options.ts'
export { type Cookie, serializeCookie } from './http/cookie.ts'
export { type CrossOriginOptions, type CrossOriginReason, checkCrossOrigin } from './http/cross-origin.ts'
export { type Deny, deniedResponse, wantsJson } from './http/denied-response.ts'
export {
  type ResponseHeaders,
  removalsOf,
  type SessionCommit,
  withSession,
  writeSession,
} from './http/response-headers.ts'
export { type ErrorResponseOptions, errorResponse } from './request/handle-request.ts'
export { type AuthOrFactory, resolveAuth } from './request/resolve-auth.ts'
export { type AdaptedSession, adaptSession } from './session/adapt-session.ts'
export { patched } from './session/record.ts'
export { ReadModifyWrite } from './session/stored/eventually-consistent.ts'
export { fromStoredKey, fromStoredKeys, toStoredKey, toStoredKeys } from './session/stored-keys.ts'
export {
  type Count,
  countAt,
  type KeyCounts,
  MAX_SOURCES,
  PENDING_MS,
  refusalBy,
  reserveIn,
  settleIn,
} from './stores/limiter-counts.ts'
