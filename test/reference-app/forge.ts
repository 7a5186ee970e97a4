import { randomBytes } from 'node:crypto'
import { defaults, seal } from 'iron-webcrypto'
import { Keyring, type Secret } from '../../src/crypto/keys.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000

/** A cookie value that iron itself sealed with the first key, holding exactly what a test wants it to hold. */
export async function forge(world: World, order: Record<string, unknown>): Promise<string> {
  const keyring = new Keyring(world.secret as Secret, world.namespace)
  const [encryption, integrity] = await Promise.all(
    ['seal/encryption', 'seal/integrity'].map((label) => keyring.derive(label)),
  )
  const key = {
    id: (await keyring.ids())[0] as string,
    encryption: encryption?.[0] as Uint8Array,
    integrity: integrity?.[0] as Uint8Array,
  }
  const now = Math.floor(world.now())
  const { data, issuedAt = now, expiresAt = now + DAY_MS, ttl0 } = order
  const payload: Record<string, unknown> = {
    p: 'session',
    v: 1,
    n: world.cookieName,
    i: randomBytes(32).toString('base64url'),
  }
  if (issuedAt !== null) payload.c = payload.r = issuedAt
  if (expiresAt !== null) payload.x = expiresAt
  const ttl = ttl0 ? 0 : 30 * DAY_MS
  return seal({ ...payload, d: data }, key, { ...defaults, ttl, localtimeOffsetMsec: now - Date.now() })
}
