export { LatchkeyError, type LatchkeyErrorCode } from './base/errors.ts'
export type { MaybePromise } from './base/maybe-promise.ts'
export type { Secret } from './crypto/keys.ts'
export type { Denial, DeniedResponder } from './http/denied-response.ts'
export type { PathRuleOptions } from './http/path-rules.ts'
export { safeRedirectPath } from './http/safe-redirect.ts'
export type { CookieOptions } from './http/session-cookie.ts'
export type {
  ActiveImpersonation,
  Impersonation,
  ImpersonationOutcome,
  ImpersonationParts,
} from './identity/active-impersonation.ts'
export { type CreatedApiToken, createApiToken, hashApiToken } from './identity/api-token.ts'
export { type ApiKeyOptions, apiKeyAuthenticator } from './identity/authenticators/api-key.ts'
export type {
  Authenticator,
  AuthenticatorEnvironment,
  AuthenticatorResult,
} from './identity/authenticators/authenticator.ts'
export { type BasicOptions, basicAuthenticator } from './identity/authenticators/basic.ts'
export type { AuthenticationFailure, ChallengeProblem } from './identity/authenticators/challenge.ts'
export { sessionAuthenticator } from './identity/authenticators/session.ts'
export { bearerAuthenticator, tokenAuthenticator } from './identity/authenticators/token.ts'
export {
  type ImpersonationGuard,
  type ImpersonationOptions,
  impersonation,
} from './identity/impersonation.ts'
export type { LoginContext } from './identity/login-context.ts'
export {
  type FailureStrategy,
  type PathProtection,
  type PathRequest,
  type PathVisitor,
  type ProtectPathsOptions,
  protectPaths,
} from './identity/protect-paths.ts'
export type { RequireUserOptions } from './identity/require-user.ts'
export { LoginManager } from './login/login-manager.ts'
export type { LoginManagerOptions } from './login/login-options.ts'
export type { Guard, LoginOptions, LoginOutcome } from './login/login-outcome.ts'
export type { ReauthenticateOutcome } from './login/reauthenticate.ts'
export type { ThrottleOptions } from './login/throttle.ts'
export type { PasswordVerifier } from './password/password-verifier.ts'
export { passwordStamp } from './password/stamp.ts'
export { Auth, createAuth, type OpenOptions } from './request/auth.ts'
export type { AuthOptions } from './request/auth-options.ts'
export { type ErrorHandler, type HandleRequestOptions, handleRequest } from './request/handle-request.ts'
export { migrateSession, type SessionMigration } from './request/migrate-session.ts'
export type { PreviousSession } from './request/previous-session.ts'
export type { RequestAuth } from './request/request-auth.ts'
export type { Visit } from './request/visit.ts'
export type { DeviceList, DeviceSession, UserDevices } from './session/devices/device-list.ts'
export type { LifetimeOptions } from './session/lifetime.ts'
export type { RecordTimes, SessionMark, SessionPatch, SessionRecord } from './session/record.ts'
export type {
  IndexedRecordStore,
  PrunableRecordStore,
  RecordEntry,
  RecordStore,
} from './session/record-store.ts'
export { type SealedSessionOptions, sealedSessions } from './session/sealed/sealed.ts'
export type { Session } from './session/session.ts'
export type { SessionStrategy } from './session/session-kind.ts'
export type { SessionStore } from './session/session-store.ts'
export type { EventualRecordStore } from './session/stored/eventual-record-store.ts'
export { eventuallyConsistentSessions } from './session/stored/eventually-consistent.ts'
export { type IndexedSessionOptions, storedSessions } from './session/stored/stored.ts'
export { type CachedRecordOptions, cachedRecords } from './stores/cached.ts'
export type { Limiter, Limits, Reservation, Settlement } from './stores/limiter.ts'
export { type MemoryRecordOptions, type MemoryRecords, memoryRecords } from './stores/memory.ts'
export { type MemoryLimiter, type MemoryLimiterOptions, memoryLimiter } from './stores/memory-limiter.ts'
export type { AuthEvent, EventListener, ImpersonationEnd, MigrationFailure } from './user/events.ts'
export { type MemoryUser, memoryUsers } from './user/memory-users.ts'
export type { UserLike } from './user/user.ts'
export type { UserProvider } from './user/user-provider.ts'
export type {
  AnonymousToken,
  AuthenticatedState,
  AuthenticatedToken,
  CredentialReason,
  EndReason,
  LoginMethod,
  TokenFields,
  UserToken,
} from './user/user-token.ts'
export { authenticatedToken } from './user/user-token.ts'
