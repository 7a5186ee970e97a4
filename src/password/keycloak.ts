import type { Argon2Cost } from './argon2id.ts'
import { anyArgon2 } from './legacy-argon2.ts'
import { firstOf, type LegacyVerifier, translated } from './legacy-verifier.ts'
import { passlibPbkdf2 } from './passlib.ts'
import type { Derive } from './phc-verifier.ts'

/** The options of {@link keycloakPasswords}. */
export interface KeycloakOptions {
  /** The implementation of argon2id, as for `argon2id()`. Keycloak makes those since version 25. */
  readonly argon2?: Derive<Argon2Cost>
}

const MAX_LENGTH = 2048

/**
 * The passwords of Keycloak: a credential as its export has it, JSON with the members `secretData` and `credentialData`,
 * both of them text, as in its columns of these names. PBKDF2 of SHA-1, SHA-256 and SHA-512 with keys of any length, and
 * argon2.
 */
export function keycloakPasswords({ argon2 }: KeycloakOptions = {}): LegacyVerifier {
  return translated(phcOf, firstOf([passlibPbkdf2(), anyArgon2(argon2)]))
}

/** The same hash as a PHC string, whose reader refuses what is not well-formed. */
function phcOf(hashed: string): string {
  const credential = hashed.length <= MAX_LENGTH ? objectOf(hashed) : {}
  const { value, salt } = objectOf(credential.secretData)
  const { algorithm, hashIterations, additionalParameters } = objectOf(credential.credentialData)
  if (typeof value !== 'string' || typeof salt !== 'string') return ''
  const end = `${unpadded(salt)}$${unpadded(value)}`
  if (algorithm !== 'argon2') return `$${algorithm}$i=${hashIterations}$${end}`
  // Each is a list of one text.
  const { type, version, memory, parallelism } = (additionalParameters ?? {}) as Record<string, unknown>
  const v = String(version) === '1.0' ? 16 : 19
  return `$argon2${type}$v=${v}$m=${memory},t=${hashIterations},p=${parallelism}$${end}`
}

/** The members of a JSON object, none for anything else. */
function objectOf(text: unknown): Record<string, unknown> {
  try {
    return { ...JSON.parse(String(text)) }
  } catch {
    return {}
  }
}

function unpadded(base64: string): string {
  return base64.length % 4 === 0 ? base64.replace(/={1,2}$/, '') : ''
}
