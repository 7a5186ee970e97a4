/** The keys that the library keeps in a session. Where imia has the same key, the name is imia's. */
export const USER_ID = '_auth_user_id'
export const USER_HASH = '_auth_user_hash'
export const AUTH_METHOD = '_auth_method'
/** When the user logged in, epoch milliseconds. */
export const AUTH_TIME = '_auth_time'
/** How long the session of this login lives, where that differs from the configuration. */
export const OWN_LIFETIME = '_auth_lifetime'
/** Address and browser of the login, for the device list. Kept only if the app asks for them. */
export const AUTH_ADDRESS = '_auth_address'
export const AUTH_USER_AGENT = '_auth_user_agent'
/** Which old session of the app's previous library this one has taken the place of, and until when that one is kept. */
export const PREVIOUS = '_auth_previous'

/** Who is impersonated, by whom, and until when (epoch milliseconds). */
export const IMPERSONATED_ID = '_impersonated_user_id'
export const IMPERSONATOR_ID = '_impersonator_user_id'
export const IMPERSONATION_ENDS = '_impersonation_ends_at'

/** What the app's keys begin with while the session's user impersonates another one. Removed with the impersonation. */
export const IMPERSONATION_DATA = '_impersonation_data:'

/** Whether a key belongs to the library, now or in a later version. */
export function isOwnKey(key: string): boolean {
  return key.startsWith('_auth_') || key.startsWith('_impersonat')
}
