export { type AuthVariables, type LatchkeyOptions, latchkey } from './latchkey.ts'
export { type RequireUserOptions, requireUser, type SignedIn } from './require-user.ts'
