import { LatchkeyError } from 'latchkey'
import type { SessionCommit } from 'latchkey/adapter'
import type { SessionLike, SessionStorageLike } from './session-storage.ts'
import { refuseUnsigned } from './unsigned-cookie.ts'

/** The key that marks a session as created here. Its value identifies the session. */
export const MARK = '_latchkey'

/** The session of one request: loaded on first use, changed in memory, saved once. */
export class SessionVisit {
  readonly #storage: SessionStorageLike
  readonly #header: string | null
  #loading: Promise<SessionLike> | undefined
  /** Changed values by key; `undefined` removes the key. */
  readonly #changes = new Map<string, unknown>()
  #isRotated = false
  #isCleared = false
  #isClosed = false
  /** The `Set-Cookie` value that removes the cookie the request came with. */
  #ending: string | undefined

  constructor(storage: SessionStorageLike, header: string | null) {
    this.#storage = storage
    this.#header = header
  }

  async read(key: string): Promise<unknown> {
    const { data } = await this.#load()
    if (this.#changes.has(key)) return this.#changes.get(key)
    return !this.#isCleared && Object.hasOwn(data, key) ? data[key] : undefined
  }

  write(key: string, value: unknown): void {
    this.#checkOpen()
    this.#changes.set(key, value)
  }

  regenerateId(): void {
    this.#checkOpen()
    this.#isRotated = true
  }

  /** Destroys the record at once, so that a logout holds even if the response fails. */
  async clear(): Promise<void> {
    this.#checkOpen()
    this.#changes.clear()
    this.#isCleared = true
    await this.#end()
  }

  async commit({ failed = false }: { readonly failed?: boolean }): Promise<SessionCommit<string>> {
    this.#isClosed = true
    // Again, in case it failed before and the handler continued.
    if (this.#isCleared && !failed) await this.#end()
    const isChanged = !failed && (this.#changes.size > 0 || this.#isRotated)
    const cookie = (isChanged ? await this.#save() : undefined) ?? this.#ending
    return { used: isChanged || this.#loading !== undefined, cookies: cookie === undefined ? [] : [cookie] }
  }

  async #end(): Promise<void> {
    const session = await this.#load()
    if (this.#ending !== undefined || isBlank(session)) return
    this.#ending = await this.#storage.destroySession(session)
  }

  /** Writes the changes and returns the `Set-Cookie` value; `undefined` if nothing is kept. */
  async #save(): Promise<string | undefined> {
    const old = await this.#reload()
    // Another request has ended it meanwhile: the cookie that the browser holds by now must stay as it is.
    if (!old) return undefined
    const kept = Object.entries({ ...old.data, ...Object.fromEntries(this.#changes) }).filter(
      ([key, value]) => key !== MARK && value !== undefined,
    )
    if (kept.length === 0) return isBlank(old) ? undefined : this.#storage.destroySession(old)
    if (!this.#isRotated && Object.hasOwn(old.data, MARK)) return this.#update(old)
    const created = await this.#blank()
    for (const [key, value] of kept) created.set(key, value)
    created.set(MARK, crypto.randomUUID())
    const cookie = await this.#storage.commitSession(created)
    if (!isBlank(old)) await this.#storage.destroySession(old)
    return cookie
  }

  #update(session: SessionLike): Promise<string> {
    for (const [key, value] of this.#changes) {
      if (value === undefined) session.unset(key)
      else session.set(key, value)
    }
    return this.#storage.commitSession(session)
  }

  async #load(): Promise<SessionLike> {
    this.#loading ??= this.#storage.getSession(this.#header).then(async (session) => {
      await refuseUnsigned(this.#storage, session)
      return session
    })
    return this.#loading
  }

  /** The session as stored now; `null` if it existed and is gone. */
  async #reload(): Promise<SessionLike | null> {
    const before = await this.#load()
    if (this.#isCleared) return this.#blank()
    const now = await this.#storage.getSession(this.#header)
    return now.data[MARK] === before.data[MARK] ? now : null
  }

  /** A new session, under an id that the storage makes. */
  async #blank(): Promise<SessionLike> {
    const session = await this.#storage.getSession()
    if (isBlank(session)) return session
    throw new LatchkeyError(
      'invalid_configuration',
      'getSession() without a cookie must return a new and empty session. Otherwise ids cannot be regenerated.',
    )
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new LatchkeyError('session_closed', 'The session was changed after it had been saved.')
  }
}

function isBlank({ id, data }: SessionLike): boolean {
  return id === '' && Object.keys(data).length === 0
}
