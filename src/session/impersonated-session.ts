import { andThen, isPromise, type MaybePromise } from '../base/maybe-promise.ts'
import { IMPERSONATED_ID, IMPERSONATION_DATA, isOwnKey } from './keys.ts'
import type { RequestSession } from './request-session.ts'
import { Session } from './session.ts'
import { checkSessionKey, ownCopy } from './session-value.ts'

/** The request of an {@link ImpersonatedSession}. */
export interface ImpersonatingVisitor {
  /** Determines the request's identity. */
  authenticate(): MaybePromise<unknown>
  /** Returns an object that stands for an impersonation of this request alone, if there is one. */
  impersonationOnce(): object | undefined
}

/**
 * The app's own data where an impersonation may be going on. While it is, the session begins empty, and what is written is
 * removed at the end: neither user sees the data of the other.
 */
export class ImpersonatedSession extends Session {
  readonly #inner: RequestSession
  readonly #visitor: ImpersonatingVisitor
  /** The data of an impersonation of this request alone. They are never saved. */
  #once: { readonly of: object; data: Record<string, unknown> } | undefined

  constructor(inner: RequestSession, ended: () => void, visitor: ImpersonatingVisitor) {
    super(inner, ended)
    this.#inner = inner
    this.#visitor = visitor
  }

  override async get(key: string): Promise<unknown> {
    const once = this.#dataOnce()
    if (once) return Object.hasOwn(once.data, key) ? structuredClone(once.data[key]) : undefined
    if (isOwnKey(key) || !(await this.#isActing())) return super.get(key)
    return this.#inner.get(IMPERSONATION_DATA + key)
  }

  override async all(): Promise<Record<string, unknown>> {
    const once = this.#dataOnce()
    if (once) return structuredClone(once.data)
    if (!(await this.#isActing())) return super.all()
    const entries = Object.entries(await this.#inner.all())
    const own = entries.filter(([key]) => key.startsWith(IMPERSONATION_DATA))
    return Object.fromEntries(own.map(([key, value]) => [key.slice(IMPERSONATION_DATA.length), value]))
  }

  override set(key: string, value: unknown): void {
    this.refuseOwnKey(key)
    const once = this.#dataOnce()
    if (!once) {
      this.#inner.set(key, value, () => (this.#holdsImpersonation ? IMPERSONATION_DATA + key : key))
      return
    }
    checkSessionKey(key)
    if (value === undefined) delete once.data[key]
    else once.data[key] = ownCopy(key, value)
  }

  /** While impersonating it removes what was written since, and nothing else. Otherwise as ever. */
  override async clear(): Promise<void> {
    const once = this.#dataOnce()
    if (once) {
      once.data = {}
      return
    }
    const acting = this.#isKnownToAct()
    if (acting === false || !(await acting)) return super.clear()
    for (const key in await this.#inner.all())
      if (key.startsWith(IMPERSONATION_DATA)) this.#inner.set(key, undefined)
  }

  /** Whether an impersonation is on. One that is over, or not allowed any more, is ended first. */
  #isActing(): MaybePromise<boolean> {
    return andThen(this.#inner.get(IMPERSONATED_ID), (id) =>
      id === undefined ? false : andThen(this.#visitor.authenticate(), () => this.#holdsImpersonation),
    )
  }

  /** The same; `false` where a backend is down, which must not keep anyone from leaving. */
  #isKnownToAct(): MaybePromise<boolean> {
    try {
      const acting = this.#isActing()
      return isPromise(acting) ? Promise.resolve(acting).catch(() => false) : acting
    } catch {
      return false
    }
  }

  /** Once the session is loaded. */
  get #holdsImpersonation(): boolean {
    return this.#inner.get(IMPERSONATED_ID) !== undefined
  }

  #dataOnce(): { data: Record<string, unknown> } | undefined {
    const of = this.#visitor.impersonationOnce()
    if (of && this.#once?.of !== of) this.#once = { of, data: {} }
    return of && this.#once
  }
}
