import type { MaybePromise } from '../../base/maybe-promise.ts'
import type { UserLike } from '../../user/user.ts'
import type { UserToken } from '../../user/user-token.ts'
import type { SessionPatch } from '../record.ts'

/** The session of one request, as the device list sees it. */
export interface CurrentSession {
  /** The id of the session that this request came with; `null` if there is none. */
  currentId(): MaybePromise<string | null>
  /** Waits for the store. Time spent in vain is not spent again when the session is ended. */
  waitFor<T>(answer: Promise<T>): Promise<T>
}

/** One request, as the device list sees it. */
export interface DeviceRequest {
  readonly session: CurrentSession
  readonly address: string | undefined
  authenticate(): MaybePromise<UserToken<UserLike>>
  /** Ends this request's session, as a logout does. */
  revoke(): Promise<void>
}

/** What sessions that can be listed by user add to a login, and the device list. */
export interface DeviceIndex<Devices = unknown> {
  /** What a login keeps about itself, for the device list. */
  keysOf(login: { readonly request: Request; readonly address?: string | undefined }): SessionPatch
  /** The last guard of a login: returns a reason to reject it, or nothing. Missing without such a limit. */
  readonly guard?: ((session: CurrentSession, user: UserLike) => Promise<string | undefined>) | undefined
  /** The device list of one request. */
  list(request: DeviceRequest): Devices
}
