/** What is used of a `Session` of React Router or Remix 2. */
export interface SessionLike {
  /** Empty for a new one, and for one that lives in its cookie alone. */
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  set(name: string, value: unknown): void
  unset(name: string): void
}

/** What is used of a `SessionStorage` of React Router or Remix 2: in a cookie, in memory, in files, or your own. */
export interface SessionStorageLike {
  getSession(cookieHeader?: string | null): Promise<SessionLike>
  commitSession(session: SessionLike): Promise<string>
  destroySession(session: SessionLike): Promise<string>
}
