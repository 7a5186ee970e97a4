import type { MaybePromise } from '../base/maybe-promise.ts'
import { removalsOf, type SessionCommit } from '../http/response-headers.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { completeLogin, rejectionOf } from '../login/complete-login.ts'
import type { LoginOptions } from '../login/login-outcome.ts'
import type { IncomingSession } from '../session/incoming-session.ts'
import { AUTH_METHOD, AUTH_TIME, PREVIOUS, USER_HASH, USER_ID } from '../session/keys.ts'
import { hasValue } from '../session/record.ts'
import type { RequestSession } from '../session/request-session.ts'
import { Session } from '../session/session.ts'
import type { KeptSession } from '../session/session-kind.ts'
import type { UserLike } from '../user/user.ts'
import { previousRemoved, previousValues } from './previous-cookie.ts'
import { endOld, findOld, type MigratingParts, type OldSession } from './previous-session.ts'

/** Whether a value has the form of our session cookie: a token, or a seal. */
const isOurs = (value: string): boolean => /^(?:1\.[\w-]{43}$|Fe26\.2\*)/.test(value)

/** What our session says about the old one. Without an end it belongs to a visitor, whose old session stays. */
interface Replaced {
  readonly id?: string
  readonly until?: number
}

/** The migration of one request. */
export interface VisitMigration {
  /** Logs in by the old session. Returns `undefined` if the request brings none. */
  enter(readOnly: boolean): Promise<void> | undefined
  /** Saves the session by `save`, and then ends the old one if that is due. */
  close(failed: boolean, save: () => MaybePromise<SessionCommit>): MaybePromise<SessionCommit>
}

/** The migration of one request that may bring an old session. */
export class MigratingVisit<User extends UserLike, Data> implements VisitMigration {
  readonly #parts: MigratingParts<User, Data>
  readonly #context: LoginContext<User>
  readonly #session: RequestSession
  readonly #incoming: IncomingSession
  readonly #values: readonly string[]
  #entering: Promise<void> | undefined
  #isReader = true
  /**
   * - `ours` the request carries a session of ours, or none that can be migrated
   * - `over` the old session must not log in again
   * - `claimed` this request begins the session that takes its place
   * - `shown` another request does
   */
  #state: 'ours' | 'over' | 'claimed' | 'shown' = 'ours'
  #old: OldSession<User, Data> | undefined
  /** The old session has been kept for long enough. */
  #isDue = false
  /** What of the session's changes are not the app's. */
  #changes: number
  #closed: SessionCommit | undefined

  constructor(
    parts: MigratingParts<User, Data>,
    context: LoginContext<User>,
    session: RequestSession,
    incoming: IncomingSession,
  ) {
    this.#incoming = incoming
    this.#parts = parts
    this.#context = context
    this.#session = session
    this.#values = previousValues(context.request.headers.get('cookie'), parts.cookie)
    this.#changes = session.changes
  }

  enter(readOnly: boolean): Promise<void> | undefined {
    if (this.#values.length === 0) return undefined
    // Only readers were here before, who claim nothing.
    if (this.#isReader && !readOnly && this.#state === 'shown' && this.#old)
      this.#entering = this.#take(this.#old, false)
    this.#isReader &&= readOnly
    this.#entering ??= this.#enter(readOnly)
    return this.#entering
  }

  async #enter(readOnly: boolean): Promise<void> {
    const session = this.#session
    const kept = (await session.get(PREVIOUS)) as Replaced | undefined
    if ((await session.get(USER_ID)) !== undefined) return this.#keep(kept, readOnly)
    const { reason } = session
    // One of ours that this process cannot open may still be good.
    if (reason !== null && (await session.currentId()) !== null) return
    // One of ours that ended so long ago that nobody knows why, or under another secret, was perhaps revoked.
    if (reason === 'unknown' && this.#incoming.values.some(isOurs)) return
    if (reason !== null && reason !== 'unknown') {
      // Ours has ended, and the user's old session with it.
      if ((await this.#find().catch(() => undefined))?.user) this.#state = 'over'
      return
    }
    const old = await this.#find()
    if (!old || (!old.user && kept?.id === old.id)) return
    await this.#take(old, readOnly)
  }

  /** The browser has our session. One that began by a login elsewhere keeps the old one for as long as any. */
  #keep(kept: Replaced | undefined, readOnly: boolean): void {
    const now = this.#parts.tail.now()
    const until = kept?.until ?? now + this.#parts.keepSeconds * 1000
    this.#isDue = until <= now
    if (kept?.until === undefined && !this.#isDue && !readOnly) this.#session.set(PREVIOUS, { until })
  }

  async #find(): Promise<OldSession<User, Data> | undefined> {
    try {
      return await findOld(this.#parts, this.#values)
    } catch (error) {
      this.#tell('read_failed')
      throw error
    }
  }

  /** Begins the session that takes the old one's place, or shows what another request is beginning. */
  async #take(old: OldSession<User, Data>, readOnly: boolean): Promise<void> {
    const { notes } = this.#parts
    this.#old = old
    const note = await (readOnly ? notes.read(old.id) : notes.claim(old.id))
    if (note?.mark) this.#state = 'over'
    else if (note?.data.refused) this.#state = 'ours'
    else if (note || readOnly) await this.#show(old)
    else await this.#begin(old)
  }

  async #begin(old: OldSession<User, Data>): Promise<void> {
    const { notes, tail, keepSeconds } = this.#parts
    const { id, user, carried } = old
    const session = this.#session
    try {
      if (!user) this.#tell('no_user')
      if (user ? !(await this.#logIn(old, user)) : !hasValue(carried)) {
        this.#state = 'ours'
        await notes.refuse(id)
        return
      }
      const own = new Session(session, () => {})
      for (const key in carried) own.set(key, carried[key])
    } catch (error) {
      await notes.release(id)
      throw error
    }
    const now = tail.now()
    session.set(PREVIOUS, user ? { id, until: now + keepSeconds * 1000 } : { id })
    this.#incoming.beginsNow()
    this.#changes = session.changes
    this.#state = 'claimed'
  }

  async #logIn({ data }: OldSession<User, Data>, user: User): Promise<boolean> {
    const { tail, login } = this.#parts
    const options = { method: 'migrated', authTime: 0, ...login?.(data) }
    const outcome = await completeLogin(tail, this.#context, user, options)
    // The authenticators say who this request is: it may carry a token as well.
    this.#context.token = undefined
    return outcome.ok
  }

  async #show({ data, user, carried }: OldSession<User, Data>): Promise<void> {
    const { tail, login } = this.#parts
    const { method = 'migrated', authTime = 0, ...options }: LoginOptions<User> = login?.(data) ?? {}
    const values: Record<string, unknown> = { ...carried }
    if (user) {
      // The request that begins the session has the events, and counts for a limit.
      const quiet = { ...tail, lastGuard: undefined, emit: () => {} }
      if (await rejectionOf(quiet, this.#context, user, options)) return
      const hash = await tail.sessionHash.of(user)
      Object.assign(values, { [USER_ID]: user.id, [USER_HASH]: hash })
      Object.assign(values, { [AUTH_METHOD]: method, [AUTH_TIME]: authTime })
    }
    this.#incoming.show(values)
    this.#context.token = undefined
    this.#state = 'shown'
  }

  close(failed: boolean, save: () => MaybePromise<SessionCommit>): MaybePromise<SessionCommit> {
    if (this.#closed) return this.#closed
    const isConcerned = this.#values.length > 0 || (this.#session.isEnded && this.#replacedId !== undefined)
    return isConcerned ? this.#close(failed, save) : save()
  }

  async #close(failed: boolean, save: () => MaybePromise<SessionCommit>): Promise<SessionCommit> {
    const { notes, cookie } = this.#parts
    const { isEnded, changes } = this.#session
    const isLeft = isEnded || (!failed && changes !== this.#changes)
    const claim = this.#state === 'claimed' ? this.#old?.id : undefined
    // Whoever comes next may try again.
    if (claim !== undefined && failed && !isEnded) await notes.release(claim).catch(() => {})
    // Another login begins when it is saved, as any.
    if (isLeft) this.#incoming.from = undefined
    let commit = await save()
    this.#closed = removalsOf(commit)
    const { kept } = this.#incoming
    if (claim !== undefined && kept && !isLeft && !(await this.#settle(claim, kept))) {
      commit = this.#closed
      this.#state = 'over'
    }
    const isOver = isLeft || this.#state === 'over' || (!failed && this.#isDue)
    if (!isOver) return commit
    const removed = previousRemoved(this.#context.request, cookie)
    this.#closed = { ...commit, cookies: [...commit.cookies, ...removed] }
    try {
      const ids = [this.#replacedId, this.#old?.id].filter((id) => id !== undefined)
      await endOld(this.#parts, this.#values, ids, this.#state === 'shown')
    } catch (error) {
      this.#tell('end_failed')
      // As where our own store is down: the cookies are gone, and a logout that is not certain says so.
      if (isEnded && removalsOf(commit).cookies.length === commit.cookies.length) throw error
    }
    return this.#closed
  }

  /** Notes the new session. Ends it if that fails, or if a parallel logout has ended the old one: then it returns `false`. */
  async #settle(claim: string, kept: KeptSession): Promise<boolean> {
    const { notes, kind } = this.#parts
    let isSettled = false
    try {
      isSettled = await notes.settle(claim, kept)
    } finally {
      if (!isSettled) await kind.endKept(kept, 'logged_out')
    }
    return isSettled
  }

  /** The id of the note about the old session that ours has taken the place of. */
  get #replacedId(): string | undefined {
    return (this.#incoming.cameWith(PREVIOUS) as Replaced | undefined)?.id
  }

  #tell(reason: 'read_failed' | 'no_user' | 'end_failed'): void {
    this.#parts.tail.emit(this.#context, { type: 'migration_failed', reason })
  }
}
