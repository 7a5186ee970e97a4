import { defaults, seal } from 'iron-webcrypto'
import type { Keyring } from './keys.ts'
import { type Opened, type OpeningKeys, openSeal } from './open-seal.ts'

interface SealKeys {
  /** What iron seals with: raw keys, never a password (that path is PBKDF2 with SHA-1, one round, at every call). */
  readonly sealing: { readonly id: string; readonly encryption: Uint8Array; readonly integrity: Uint8Array }
  readonly opening: readonly OpeningKeys[]
}

/** Seals with iron under the first key of the keyring, opens what any of its keys sealed. */
export class Sealer {
  readonly #keyring: Keyring
  readonly #now: () => number
  #keys: Promise<SealKeys> | undefined

  constructor(keyring: Keyring, now: () => number) {
    this.#keyring = keyring
    this.#now = now
  }

  /** Seals a JSON value, to be refused from `expiresAt` on. Iron reads the system's clock: the offset makes it ours. */
  async seal(payload: object, expiresAt: number): Promise<string> {
    const { sealing } = await this.#ready()
    const now = this.#now()
    const times = { ttl: Math.max(1, expiresAt - now), localtimeOffsetMsec: now - Date.now() }
    return seal(payload, sealing, { ...defaults, ...times, encode: JSON.stringify })
  }

  async open(sealed: string): Promise<Opened> {
    const { opening } = await this.#ready()
    return openSeal(sealed, opening, this.#now())
  }

  #ready(): Promise<SealKeys> {
    this.#keys ??= sealKeys(this.#keyring)
    return this.#keys
  }
}

async function sealKeys(keyring: Keyring): Promise<SealKeys> {
  const labels = ['seal/id', 'seal/encryption', 'seal/integrity']
  const [ids = [], encryption = [], integrity = []] = await Promise.all(
    labels.map((label) => keyring.derive(label)),
  )
  const names = ids.map((id) =>
    Array.from(id.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  )
  const [first, aes, hmac] = [names[0], encryption[0], integrity[0]] as [string, Uint8Array, Uint8Array]
  const opening = names.map(async (id, i) => ({
    id,
    encryption: await imported(encryption[i], 'AES-CBC', 'decrypt'),
    integrity: await imported(integrity[i], { name: 'HMAC', hash: 'SHA-256' }, 'verify'),
  }))
  return { sealing: { id: first, encryption: aes, integrity: hmac }, opening: await Promise.all(opening) }
}

function imported(
  bytes: Uint8Array<ArrayBuffer> | undefined,
  algorithm: string | { name: string; hash: string },
  usage: KeyUsage,
): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes ?? new Uint8Array(), algorithm, false, [usage])
}
