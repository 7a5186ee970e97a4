import { misconfigured } from '../base/options.ts'
import { utf8 } from './utf8.ts'

/** One secret, or several: the first signs and seals, all verify and open. At least 32 bytes each. */
export type Secret = string | Uint8Array | readonly (string | Uint8Array)[]

const MINIMUM_BYTES = 32
const MINIMUM_DISTINCT_BYTES = 5

/**
 * The keys that are derived from the configured secrets: HKDF-SHA-256 (RFC 5869) under a label of its own per
 * purpose, so that no two purposes share a key. Secrets are checked when built, derived at first use, once.
 */
export class Keyring {
  /**
   * Four hexadecimal digits that tell apps on one machine apart, without a promise: 16 bits of a checksum of the oldest
   * secret, so that they stay while a new one is being deployed. They go into a cookie's name on loopback, and nowhere
   * else.
   */
  readonly appId: string
  readonly #secrets: readonly Uint8Array<ArrayBuffer>[]
  readonly #root: string
  readonly #derived = new Map<string, Promise<Uint8Array<ArrayBuffer>[]>>()

  /** @param namespace Keyrings of different namespaces have no key and no id in common. */
  constructor(secret: Secret | undefined, namespace = '') {
    const list = Array.isArray(secret) ? secret : secret ? [secret] : []
    if (list.length === 0) refuse('is missing')
    this.#secrets = list.map(checkedSecret)
    // The length comes first, so that no namespace and label read like another pair.
    this.#root = namespace === '' ? 'latchkey/v1' : `latchkey/v1/${namespace.length}:${namespace}`
    this.appId = checksum([...utf8(this.#root), ...(this.#secrets.at(-1) as Uint8Array)])
  }

  /**
   * The public id of each secret's keys, 8 hexadecimal digits. Seals and session hashes carry it, so that a value made
   * with a secret that this process does not have is not taken for a forged one.
   */
  async ids(): Promise<string[]> {
    return (await this.derive('key-id')).map((bytes) => hex(bytes.subarray(0, 4)))
  }

  /** 256 bits per secret, in the order of the secrets, for one purpose. */
  derive(label: string): Promise<Uint8Array<ArrayBuffer>[]> {
    let keys = this.#derived.get(label)
    if (!keys) {
      keys = Promise.all(this.#secrets.map((secret) => hkdf(secret, `${this.#root}/${label}`)))
      this.#derived.set(label, keys)
    }
    return keys
  }
}

function checkedSecret(secret: unknown): Uint8Array<ArrayBuffer> {
  const bytes = typeof secret === 'string' ? utf8(secret) : secret
  if (!(bytes instanceof Uint8Array)) refuse('must be a string or a Uint8Array')
  if (bytes.length < MINIMUM_BYTES) refuse(`has ${bytes.length} bytes and needs at least ${MINIMUM_BYTES}`)
  const isPlaceholder = typeof secret === 'string' && /^(change|replace).?me/i.test(secret.trim())
  if (isPlaceholder || new Set(bytes).size < MINIMUM_DISTINCT_BYTES) refuse('is an obvious placeholder')
  return bytes.slice()
}

function refuse(what: string): never {
  return misconfigured(`\`secret\` ${what}. Make one with: openssl rand -base64 32`)
}

/** FNV-1a of 32 bits, folded to 16. */
function checksum(bytes: readonly number[]): string {
  let sum = 0x811c9dc5
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193)
  return hex([(sum >>> 24) ^ ((sum >>> 8) & 255), ((sum >>> 16) & 255) ^ (sum & 255)])
}

function hex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function hkdf(secret: Uint8Array<ArrayBuffer>, label: string): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = crypto
  const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const info = utf8(label)
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info }
  return new Uint8Array(await subtle.deriveBits(parameters, base, 256))
}
