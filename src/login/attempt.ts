import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { networkOf } from '../http/ip-address.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { isPasswordText } from '../password/credential-text.ts'
import { inLine } from '../password/line.ts'
import type { PasswordVerifier } from '../password/password-verifier.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import { type ProvenPassword, provenUser, type UnprovenReason } from './proven-user.ts'
import type { Attempt, Throttle } from './throttle.ts'

/** What proving a password uses. */
export interface PasswordProof<User extends UserLike> {
  readonly users: Pick<UserProvider<User>, 'findByUsername' | 'upgradeHash'>
  readonly passwords: PasswordVerifier
  /** Missing without a throttle. */
  readonly throttle: Throttle | undefined
  readonly normalizeUsername: (username: string) => string
  readonly emit: Emit<User>
}

/** Whose password is tried. */
export interface AttemptTarget<User extends UserLike> {
  /** The folded name, which an account that does not exist is counted by. */
  readonly name: string
  find(): MaybePromise<User | null | undefined>
}

/** What came of an attempt: the seconds to wait, or 0 and whose password it is, if anyone's. */
export interface AttemptOutcome<User extends UserLike> {
  readonly wait: number
  readonly proven: ProvenPassword<User> | null
  /** For the app alone: a visitor is not told. */
  readonly why?: UnprovenReason
}

/** Where a request comes from, as far as attempts and places in line are concerned. */
export function networkOfContext({ address }: { readonly address?: string | undefined }): string {
  return address === undefined ? '' : networkOf(address)
}

/**
 * One attempt at a password: the network is asked, then whose account it is, then the account, and only then the password
 * is looked at. An attempt that comes to no verdict is not counted: an outage must not lock anyone out.
 */
export async function attempt<User extends UserLike>(
  proof: PasswordProof<User>,
  context: LoginContext<User>,
  target: AttemptTarget<User>,
  password: unknown,
): Promise<AttemptOutcome<User>> {
  const network = networkOfContext(context)
  const counted = await proof.throttle?.attempt(network)
  let outcome: AttemptOutcome<User> | undefined
  try {
    outcome = await tried(proof, counted, network, target, password)
  } finally {
    await counted?.settle(verdictOf(outcome))
  }
  const { wait, proven, why } = outcome
  const username = target.name
  if (wait > 0) proof.emit(context, { type: 'login_throttled', username })
  else if (!proven) proof.emit(context, { type: 'login_failed', username, ...(why && { why }) })
  return outcome
}

function verdictOf(outcome: AttemptOutcome<UserLike> | undefined): 'success' | 'failure' | 'nothing' {
  if (!outcome || outcome.wait > 0) return 'nothing'
  return outcome.proven ? 'success' : 'failure'
}

async function tried<User extends UserLike>(
  { passwords }: PasswordProof<User>,
  counted: Attempt | undefined,
  network: string,
  { name, find }: AttemptTarget<User>,
  password: unknown,
): Promise<AttemptOutcome<User>> {
  const unproven = (wait: number): AttemptOutcome<User> => ({ wait, proven: null })
  const atNetwork = (await counted?.reserveNetwork()) ?? 0
  if (atNetwork > 0) return unproven(atNetwork)
  // What can be no password is counted, by the name alone: no provider sees it, and it is no guess at anyone's.
  const text = isPasswordText(password) ? password : null
  const user = text === null ? null : ((await find()) ?? null)
  if (counted) {
    const wait = await counted.reserveAccount(user, name)
    if (wait > 0) return unproven(wait)
  }
  if (text === null) return unproven(0)
  try {
    return await inLine(network, async () => {
      const wait = (await counted?.renew()) ?? 0
      if (wait > 0) return unproven(wait)
      const found = await provenUser(passwords, user, text)
      return typeof found === 'string' ? { wait, proven: null, why: found } : { wait, proven: found }
    })
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'password_queue_full') return unproven(1)
    throw error
  }
}
