import { LatchkeyError } from '../base/errors.ts'
import { isPromise, type MaybePromise } from '../base/maybe-promise.ts'
import { refuseUnusable, type UserLike } from '../user/user.ts'
import { anonymousToken, type UserToken } from '../user/user-token.ts'
import type {
  Authenticator,
  AuthenticatorEnvironment,
  AuthenticatorResult,
} from './authenticators/authenticator.ts'
import { SESSION } from './authenticators/session.ts'
import type { Identity } from './identity.ts'
import type { LoginContext } from './login-context.ts'

/**
 * Returns the request's identity. It is determined once: later calls return the first result, or what a login
 * has made of it.
 */
export function authenticate<User extends UserLike>(
  identity: Identity<User>,
  context: LoginContext<User>,
): MaybePromise<UserToken<User>> {
  if (context.token) return context.token
  // Who asks while it is being determined gets the same answer.
  if (context.asking) return context.asking
  const known = identity.ask(context)
  if (!(known instanceof Promise)) return conclude(context, known)
  context.asking = known.then(
    (later) => {
      context.asking = undefined
      return conclude(context, later)
    },
    (error: unknown) => {
      context.asking = undefined
      throw error
    },
  )
  return context.asking
}

/**
 * Authenticates with these authenticators only. Does not change the request's own token. The returned context
 * says what was found, by which authenticator, and what was wrong.
 */
export async function authenticateBy<User extends UserLike>(
  { environment }: Identity<User>,
  context: LoginContext<User>,
  authenticators: readonly Authenticator<User>[],
  request: Request = context.request,
): Promise<LoginContext<User> & { readonly token: UserToken<User> }> {
  if (!environment) throw new LatchkeyError('misuse', 'Authenticators need createAuth().')
  for (const { needs } of authenticators) {
    if (needs && !environment.users[needs])
      throw new LatchkeyError('misuse', `\`users\` needs a method \`${needs}\`.`)
  }
  const { session, address } = context
  const asked: LoginContext<User> = { request, session, address }
  const token = conclude(asked, await askInTurn(environment, asked, authenticators))
  if (asked.isShown) context.isShown = true
  return Object.assign(asked, { token })
}

/** Returns what asks these authenticators in order. */
export function inTurn<User extends UserLike>(
  environment: AuthenticatorEnvironment<User>,
  authenticators: readonly Authenticator<User>[],
): Identity<User>['ask'] {
  return (context) => askInTurn(environment, context, authenticators)
}

/**
 * Asks these authenticators in order, without a promise as long as none of them needs one: the hot path of every
 * request.
 */
function askInTurn<User extends UserLike>(
  environment: AuthenticatorEnvironment<User>,
  context: LoginContext<User>,
  authenticators: readonly Authenticator<User>[],
  from = 0,
): MaybePromise<AuthenticatorResult<User>> {
  for (let i = from; i < authenticators.length; i++) {
    const authenticator = authenticators[i] as Authenticator<User>
    const answer = authenticator.authenticate(context, environment)
    if (isPromise(answer))
      return Promise.resolve(answer).then(
        (result) =>
          decided(context, authenticator, result) ?? askInTurn(environment, context, authenticators, i + 1),
      )
    const result = decided(context, authenticator, answer)
    if (result) return result
  }
  return null
}

function decided<User extends UserLike>(
  context: LoginContext<User>,
  authenticator: Authenticator<User>,
  result: AuthenticatorResult<User>,
): AuthenticatorResult<User> {
  if (!result) return null
  context.decidedBy = authenticator
  if (!result.isAuthenticated) {
    context.failure = result
    return result
  }
  // The session has looked at its user already.
  if (authenticator === SESSION) return result
  // Whichever authenticator found them, a user who could not log in is not accepted.
  refuseUnusable(result.user)
  if (!result.user.disabled) {
    context.isShown = true
    return result
  }
  context.failure = { isAuthenticated: false, reason: 'rejected' }
  return context.failure
}

function conclude<User extends UserLike>(
  context: LoginContext<User>,
  result: AuthenticatorResult<User>,
): UserToken<User> {
  // A login during the look-up takes precedence.
  context.token ??= result?.isAuthenticated
    ? result
    : anonymousToken(result?.reason ?? context.endReason ?? context.session.reason ?? null)
  return context.token
}
