import { checkCount, checkMethods, misconfigured, refuseUnknown } from '../../base/options.ts'
import { RECORD_METHODS } from '../limited-store.ts'
import type { RecordStore } from '../record-store.ts'
import type { SessionStrategy } from '../session-kind.ts'
import { EndedInThisProcess } from './ended-logins.ts'
import { Revocation } from './revocation.ts'
import { SealedSessions } from './sealed-sessions.ts'

/** Options of {@link sealedSessions}. */
export interface SealedSessionOptions {
  /**
   * A record store that lists ended sessions until they would have expired, so that a logout ends copies of
   * the cookie too. All processes must share it. Costs one read per request.
   *
   * Default: a list in this process. Then **a logout does not end a copy of the cookie that someone else sends to
   * another process, or after a restart**; raising the user's session epoch does. In the browser that logged out the
   * session is over in either case.
   */
  readonly revocation?: RecordStore
  /** How large the list in this process may become, in bytes. Default 8,388,608 (8 MiB, 65,536 logins); 0 for no list. */
  readonly listBytes?: number
  /**
   * How many opened seals are cached, so that the same cookie is not decrypted on every request. Each entry
   * holds one cookie and its data. Default 5,000; 0 opens the seal on every request (about 0.3 ms).
   */
  readonly sealCacheSize?: number
}

/**
 * Sessions that travel inside an encrypted cookie: no store to run. Parallel writers overwrite each other
 * (the last cookie wins), and a whole session must fit into 4,096 bytes.
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function sealedSessions(options: SealedSessionOptions = {}): SessionStrategy<undefined> {
  const { sealCacheSize = 5000, revocation, listBytes, ...unknown } = options
  refuseUnknown(unknown)
  checkCount('sealCacheSize', sealCacheSize, 0)
  if (listBytes !== undefined) checkCount('listBytes', listBytes, 0)
  if (revocation !== undefined) {
    checkMethods('revocation', revocation, RECORD_METHODS)
    if (listBytes !== undefined)
      misconfigured('`revocation` replaces the list in this process: omit `listBytes`.')
  }
  return (environment) =>
    new SealedSessions(
      sealCacheSize,
      revocation ? new Revocation(revocation, environment) : new EndedInThisProcess(listBytes ?? 8_388_608),
      environment,
    )
}
