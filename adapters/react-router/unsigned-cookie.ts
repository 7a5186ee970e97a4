import { LatchkeyError } from 'latchkey'
import type { SessionLike, SessionStorageLike } from './session-storage.ts'

const FORGED = '_latchkey_forged'
const signed = new WeakSet<SessionStorageLike>()

/**
 * A session that lives in an unsigned cookie says what its visitor wants: when he last proved who he is, for one.
 * React Router only warns of it. Found out by the attack itself, once per storage.
 */
export async function refuseUnsigned(storage: SessionStorageLike, session: SessionLike): Promise<void> {
  const livesInCookie = session.id === '' && Object.keys(session.data).length > 0
  if (!livesInCookie || signed.has(storage)) return
  // Nothing is kept of such a session, so this destroys nothing, and it names the cookie.
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
