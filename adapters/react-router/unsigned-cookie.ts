import { LatchkeyError } from 'latchkey'
import type { SessionLike, SessionStorageLike } from './session-storage.ts'

const FORGED = '_latchkey_forged'
const signed = new WeakSet<SessionStorageLike>()

/**
 * Rejects sessions that are stored in an unsigned cookie: the client could write anything into them, such as
 * the time of the last login. React Router only warns about it. Detected by trying the attack itself, once
 * per storage.
 *
 * @throws LatchkeyError `invalid_configuration` if a forged cookie is accepted.
 */
export async function refuseUnsigned(storage: SessionStorageLike, session: SessionLike): Promise<void> {
  const livesInCookie = session.id === '' && Object.keys(session.data).length > 0
  if (!livesInCookie || signed.has(storage)) return
  // Such a session has no record, so this destroys nothing. It yields the cookie's name.
  const [name] = (await storage.destroySession(session)).split('=')
  const forged = await storage.getSession(`${name}=${btoa(JSON.stringify({ [FORGED]: 1 }))}`)
  if (Object.hasOwn(forged.data, FORGED)) {
    throw new LatchkeyError(
      'invalid_configuration',
      'createCookieSessionStorage: the cookie is not signed. Give it `secrets`.',
    )
  }
  signed.add(storage)
}
