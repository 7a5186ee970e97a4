export { hashToken, type MadeToken, makeToken } from './api-token.ts'
export { Auth, type AuthOptions, createAuth } from './auth.ts'
export { type AuthSource, authBy } from './auth-source.ts'
export { type ApiKeyOptions, apiKeyAuthenticator } from './authenticators/api-key.ts'
export type {
  AuthenticationFailure,
  Authenticator,
  AuthenticatorEnvironment,
  AuthenticatorResult,
  ChallengeProblem,
} from './authenticators/authenticator.ts'
export { type BasicOptions, basicAuthenticator } from './authenticators/basic.ts'
export { sessionAuthenticator } from './authenticators/session.ts'
export { bearerAuthenticator, tokenAuthenticator } from './authenticators/token.ts'
export type { CookieOptions } from './cookie/session-cookie.ts'
export { type CrossOriginOptions, type CrossOriginReason, crossOriginRefusal } from './cross-origin.ts'
export type { Secret } from './crypto/keys.ts'
export { LatchkeyError, type LatchkeyErrorCode } from './errors.ts'
export type { AuthEvent, EventListener, ImpersonationEnd } from './events.ts'
export { type ErrorHandler, type ExchangeOptions, errorResponse, exchange } from './exchange.ts'
export {
  type Impersonation,
  type ImpersonationGuard,
  type ImpersonationOptions,
  type ImpersonationOutcome,
  impersonation,
} from './impersonate.ts'
export type { Guard, LoginContext, LoginOptions, LoginOutcome } from './login-context.ts'
export { LoginManager } from './login-manager.ts'
export type { LoginManagerOptions } from './login-settings.ts'
export type { MaybePromise } from './maybe-promise.ts'
export { migrateSession, type Predecessor } from './migrate-session.ts'
export type { PasswordVerifier } from './password/password-verifier.ts'
export { stampOf } from './password/stamp.ts'
export type { PathRuleOptions } from './path-rules.ts'
export {
  type FailureStrategy,
  type PathProtection,
  type ProtectPathsOptions,
  protectPaths,
  type RequireUserOptions,
} from './protect.ts'
export { safeRedirect } from './redirect.ts'
export { refusal, wantsJson } from './refusal.ts'
export type { RequestAuth } from './request-auth.ts'
export { type ResponseHeaders, withSession, writeSession } from './response-headers.ts'
export type { DeviceList, DeviceSession, UserDevices } from './session/device-list.ts'
export { eventualSessions } from './session/eventual.ts'
export type { EventualRecordStore } from './session/eventual-store.ts'
export { type ForeignSession, foreignSession } from './session/foreign.ts'
export type { IndexedSessionOptions } from './session/indexed-sessions.ts'
export type { LifetimeOptions } from './session/lifetime.ts'
export type { Patch, RecordTimes, SessionRecord } from './session/record.ts'
export type {
  IndexedRecordStore,
  OwnedRecord,
  PrunableRecordStore,
  RecordStore,
} from './session/record-store.ts'
export type { SessionCommit } from './session/request-session.ts'
export { type SealedSessionOptions, sealedSessions } from './session/sealed.ts'
export type { Session } from './session/session.ts'
export type { Sessions } from './session/session-kind.ts'
export type { SessionStore } from './session/session-store.ts'
export { storedSessions } from './session/stored.ts'
export type { ConfirmOutcome } from './step-up.ts'
export { type CachedRecordOptions, cachedRecords } from './stores/cached.ts'
export { type MemoryRecordOptions, type MemoryRecords, memoryRecords } from './stores/memory.ts'
export { type MemoryLimiterOptions, memoryLimiter } from './stores/memory-limiter.ts'
export type { Limiter, ThrottleOptions } from './throttle.ts'
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
