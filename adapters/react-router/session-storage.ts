/** The subset of a `Session` of React Router or Remix 2 that we call. */
export interface SessionLike {
  /** The id of its record. Empty for a new session, and for one that is stored in its cookie alone. */
  readonly id: string
  /** All values, by name. */
  readonly data: Readonly<Record<string, unknown>>
  /** Sets a value. */
  set(name: string, value: unknown): void
  /** Removes a value. */
  unset(name: string): void
}

/**
 * The subset of a `SessionStorage` of React Router or Remix 2 that we call. It may keep sessions in a cookie,
 * in memory, in files, or be your own.
 */
export interface SessionStorageLike {
  /** Returns the session that a `Cookie` header names, otherwise a new and empty one. */
  getSession(cookieHeader?: string | null): Promise<SessionLike>
  /** Saves a session and returns its `Set-Cookie` value. */
  commitSession(session: SessionLike): Promise<string>
  /** Deletes a session and returns the `Set-Cookie` value that removes its cookie. */
  destroySession(session: SessionLike): Promise<string>
}
