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
  const [ids, encryption, integrity] = await Promise.all([
    keyring.ids(),
    keyring.derive('seal/encryption'),
    keyring.derive('seal/integrity'),
  ])
  const keys = ids.map((id, i) => ({
    id,
    encryption: encryption[i] as Uint8Array<ArrayBuffer>,
    integrity: integrity[i] as Uint8Array<ArrayBuffer>,
  }))
  const opening = keys.map(async (key) => ({
    id: key.id,
    encryption: await imported(key.encryption, 'AES-CBC', 'decrypt'),
    integrity: await imported(key.integrity, { name: 'HMAC', hash: 'SHA-256' }, 'verify'),
  }))
  return { sealing: keys[0] as SealKeys['sealing'], opening: await Promise.all(opening) }
}

function imported(
  bytes: Uint8Array<ArrayBuffer>,
  algorithm: string | { name: string; hash: string },
  usage: KeyUsage,
): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, algorithm, false, [usage])
}
