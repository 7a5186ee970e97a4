/** The keys that the library keeps in a session. Where imia has one, it is imia's. */
export const USER_ID = '_auth_user_id'
export const USER_HASH = '_auth_user_hash'
export const AUTH_METHOD = '_auth_method'
/** Epoch milliseconds of the login. */
export const AUTH_TIME = '_auth_time'
/** Of the login, for a list of devices; kept where the app asks for it. */
export const AUTH_ADDRESS = '_auth_address'
export const AUTH_USER_AGENT = '_auth_user_agent'
/** Who is acted as, by whom, and until when (epoch milliseconds). */
export const IMPERSONATED_ID = '_impersonated_user_id'
export const IMPERSONATOR_ID = '_impersonator_user_id'
export const IMPERSONATION_ENDS = '_impersonation_ends_at'

/** What a login writes or removes. Of an impersonation this key alone: without it the others mean nothing. */
export const OWN_KEYS: readonly string[] = [USER_ID, USER_HASH, AUTH_METHOD, AUTH_TIME, IMPERSONATED_ID]

/** Whether a key belongs to the library, now or in a later version. */
export function isOwnKey(key: string): boolean {
  return key.startsWith('_auth_') || key.startsWith('_impersonat')
}
