/** What a test can break, and how. */
export type FaultTarget = 'store' | 'users' | 'limiter'
export type FaultMode = 'ok' | 'throw' | 'hang' | 'write-fails'

const MARKER = 'FAULT-MARKER postgres://app:s3cret@db.internal/app SELECT * FROM users at /srv/app/db.ts'

/** Breaks engines on request. A hanging call goes on once its fault is `ok` again. */
export class Faults {
  readonly #modes = new Map<FaultTarget, FaultMode>()
  readonly #hanging = new Map<FaultTarget, (() => void)[]>()

  set(target: FaultTarget, mode: FaultMode): void {
    this.#modes.set(target, mode)
    if (mode !== 'ok') return
    for (const goOn of this.#hanging.get(target) ?? []) goOn()
    this.#hanging.delete(target)
  }

  reset(): void {
    // What hangs is dropped rather than let into the fresh engines.
    this.#hanging.clear()
    this.#modes.clear()
  }

  /** Stands before a call to an engine: passes it on, fails it or holds it. */
  pass<T>(target: FaultTarget, isWrite: boolean, call: () => T): T | Promise<Awaited<T>> {
    const mode = this.#modes.get(target) ?? 'ok'
    if (mode === 'throw' || (mode === 'write-fails' && isWrite)) throw new Error(MARKER)
    if (mode !== 'hang') return call()
    const waiting = this.#hanging.get(target) ?? []
    this.#hanging.set(target, waiting)
    return new Promise<void>((resolve) => waiting.push(resolve)).then(call) as Promise<Awaited<T>>
  }
}
