import type { Arguments } from './arguments.ts'
import type { EngineInit } from './engines/engine.ts'

/** Where everything is kept that is kept: by the options `engine` and `storePrefix`, and by what shares the engine. */
export interface Storage {
  /** The name of the engine. */
  readonly engine: string
  readonly init: Pick<EngineInit, 'name' | 'isShared' | 'isFresh'>
}

/** Modes whose sessions have no store that fits a limiter or a revocation list. */
const WITHOUT_STORE = ['sealed', 'kv']

/** `sessions`: the engine of the sessions. `shared`: that of everything else; undefined where it is the same. */
export function storageOf({ sessions, options, port }: Arguments): {
  readonly sessions: Storage
  readonly shared: Storage | undefined
} {
  const { engine = 'memory', storePrefix, limiter, revocation } = options
  const isShared = storePrefix !== undefined || limiter === 'engine' || revocation === 'engine'
  const name = isShared ? nameOf(String(storePrefix ?? 'latchkey_reference')) : `latchkey_reference_${port}`
  // Who names a prefix may start a second process beside the first.
  const init = { name, isShared, isFresh: storePrefix === undefined }
  const own = sessions === 'sealed' ? String(engine) : sessions
  return {
    sessions: { engine: own, init },
    shared:
      WITHOUT_STORE.includes(sessions) && own !== engine
        ? { engine: String(engine), init: { ...init, name: `${name}_x` } }
        : undefined,
  }
}

/** A prefix as a name that tables may have too. */
function nameOf(prefix: string): string {
  const plain = prefix.replaceAll(/[^A-Za-z0-9_]/g, '_')
  if (plain === prefix && /^[A-Za-z_].{0,30}$/.test(plain)) return plain
  let hash = 0
  for (const char of prefix) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0
  return `p_${plain.slice(0, 20)}_${(hash >>> 0).toString(36)}`
}
