import { misconfigured, refuseUnknown } from '../base/options.ts'
import { bytesOfBase64 } from '../crypto/base64.ts'
import { type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import { isSaneScryptCost, scryptDerive } from './scrypt.ts'

/** The parameters of a Firebase project: Authentication, Users, "Password hash parameters". */
export interface FirebaseOptions {
  /** `base64_signer_key`. It is a secret. */
  readonly signerKey: string
  /** `base64_salt_separator`. Default `Bw==`. */
  readonly saltSeparator?: string
  /** `rounds`, which is scrypt's r. Default 8. */
  readonly rounds?: number
  /** `mem_cost`, the logarithm of scrypt's N. Default 14. */
  readonly memoryCost?: number
}

const HASH = /^\$firebase\$([\w+/=-]{4,172})\$([\w+/=-]{24,172})$/
const AES_KEY_BYTES = 32

/**
 * The passwords of Firebase Authentication, which encrypts its own signer key under a key that scrypt derives from the
 * password (AES-256-CTR, all zeros at first). Write what `firebase auth:export` gives as `$firebase$salt$passwordHash`.
 *
 * @throws LatchkeyError `invalid_configuration` for parameters that are not those of a project.
 */
export function firebasePasswords({
  signerKey,
  saltSeparator = 'Bw==',
  rounds = 8,
  memoryCost = 14,
  ...unknown
}: FirebaseOptions): LegacyVerifier {
  refuseUnknown(unknown)
  const cost = { N: 2 ** memoryCost, r: rounds, p: 1 }
  const signer = bytesOf(signerKey)
  const separator = bytesOf(saltSeparator)
  if (!signer || signer.length < 16 || !separator || !isSaneScryptCost(cost)) {
    return misconfigured(
      '`firebasePasswords` takes the "Password hash parameters" of the Firebase console: `signerKey` and `saltSeparator` in base64, `rounds` and `memoryCost`.',
    )
  }
  return legacyVerifier((hashed) => {
    const [, saltText = '', hashText = ''] = HASH.exec(hashed) ?? []
    const salt = bytesOf(saltText)
    const hash = bytesOf(hashText)
    if (!salt || hash?.length !== signer.length) return null
    return {
      hash,
      async derive(password) {
        const salted = Uint8Array.from([...salt, ...separator])
        const derived = await scryptDerive()(password, salted, cost, AES_KEY_BYTES)
        return encrypt(derived.slice(), signer)
      },
    }
  })
}

async function encrypt(key: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-CTR', false, ['encrypt'])
  const algorithm = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 }
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, aes, data))
}

/** Its Admin SDK writes the alphabet for URLs, its command line the other. Both pad. */
function bytesOf(text: unknown): Uint8Array<ArrayBuffer> | null {
  return typeof text === 'string' ? bytesOfBase64(text.replaceAll('-', '+').replaceAll('_', '/')) : null
}
