export { type Argon2Cost, type Argon2Options, argon2id, type NodeRsArgon2, nodeRsArgon2 } from './argon2id.ts'
export { aspnetPasswords } from './aspnet.ts'
export { type BcryptLibrary, type BcryptOptions, bcryptBy } from './bcrypt.ts'
export { betterAuthPasswords } from './better-auth.ts'
export { type PreferredVerifier, passwordChain } from './chain.ts'
export { isPasswordText } from './credential-text.ts'
export { type DjangoOptions, djangoPasswords } from './django.ts'
export { type FirebaseOptions, firebasePasswords } from './firebase.ts'
export { type KeycloakOptions, keycloakPasswords } from './keycloak.ts'
export { legacyArgon2 } from './legacy-argon2.ts'
export type { LegacyVerifier } from './legacy-verifier.ts'
export { passlibPbkdf2 } from './passlib.ts'
export type { PasswordVerifier } from './password-verifier.ts'
export { type Pbkdf2Cost, type Pbkdf2Options, pbkdf2 } from './pbkdf2.ts'
export type { Derive } from './phc-verifier.ts'
export {
  type PasswordPolicyOptions,
  type PasswordProblem,
  type PasswordVerdict,
  passwordPolicy,
} from './policy.ts'
export { type ScryptCost, type ScryptOptions, scrypt } from './scrypt.ts'
export { shaCrypt } from './sha-crypt.ts'
export { type SpringOptions, springPasswords } from './spring.ts'
export { werkzeugPasswords } from './werkzeug.ts'
export { type WordpressOptions, wordpressPasswords } from './wordpress.ts'
