import { misconfigured } from '../errors.ts'

/** One secret, or several: the first signs and seals, all verify and open. At least 32 bytes each. */
export type Secret = string | Uint8Array | readonly (string | Uint8Array)[]

const MINIMUM_BYTES = 32
const PLACEHOLDER = /^(change|replace).?me/i
const MINIMUM_DISTINCT_BYTES = 5
const encoder = new TextEncoder()
const FIX = 'Make one with: node -e "console.log(crypto.randomBytes(32).toString(\'base64url\'))"'

/**
 * The keys that are derived from the configured secrets: HKDF-SHA-256 (RFC 5869) under a label of its own per
 * purpose, so that no two purposes share a key. Secrets are checked when built, derived at first use, once.
 */
export class Keyring {
  readonly #secrets: readonly Uint8Array[]
  readonly #derived = new Map<string, Promise<Uint8Array<ArrayBuffer>[]>>()

  constructor(secret: Secret | undefined) {
    const list = typeof secret === 'string' || secret instanceof Uint8Array ? [secret] : secret
    if (!Array.isArray(list) || list.length === 0) {
      misconfigured(
        `\`secret\` is missing. Give a string of at least 32 bytes, or a list, newest first. ${FIX}`,
      )
    }
    this.#secrets = list.map(checkedSecret)
  }

  /** 256 bits per secret, in the order of the secrets, for one purpose. */
  derive(label: string): Promise<Uint8Array<ArrayBuffer>[]> {
    let keys = this.#derived.get(label)
    if (!keys) {
      keys = Promise.all(this.#secrets.map((secret) => hkdf(secret, label)))
      this.#derived.set(label, keys)
    }
    return keys
  }
}

function checkedSecret(secret: unknown): Uint8Array {
  const bytes = typeof secret === 'string' ? encoder.encode(secret) : secret
  if (!(bytes instanceof Uint8Array)) misconfigured(`Every \`secret\` is a string or a Uint8Array. ${FIX}`)
  if (bytes.length < MINIMUM_BYTES) {
    misconfigured(`A \`secret\` has ${bytes.length} bytes; it needs at least ${MINIMUM_BYTES}. ${FIX}`)
  }
  if (
    new Set(bytes).size < MINIMUM_DISTINCT_BYTES ||
    (typeof secret === 'string' && PLACEHOLDER.test(secret.trim()))
  ) {
    misconfigured(`A \`secret\` is an obvious placeholder. ${FIX}`)
  }
  return bytes.slice()
}

async function hkdf(secret: Uint8Array, label: string): Promise<Uint8Array<ArrayBuffer>> {
  const base = await crypto.subtle.importKey('raw', secret.slice(), 'HKDF', false, ['deriveBits'])
  const info = encoder.encode(`latchkey/v1/${label}`)
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, 256))
}
