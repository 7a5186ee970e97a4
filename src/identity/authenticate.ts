import { LatchkeyError } from '../base/errors.ts'
import { andThen, isPromise, type MaybePromise } from '../base/maybe-promise.ts'
import { isUsable, type UserLike } from '../user/user.ts'
import { anonymousToken, type UserToken } from '../user/user-token.ts'
import type {
  Authenticator,
  AuthenticatorEnvironment,
  AuthenticatorResult,
} from './authenticators/authenticator.ts'
import { SESSION } from './authenticators/session.ts'
import type { Ask, IdentitySettings } from './identity-settings.ts'
import type { LoginContext } from './login-context.ts'

/**
 * Returns the request's identity. It is determined once: later calls return the first result, or what a login
 * has made of it.
 */
export function authenticate<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
): MaybePromise<UserToken<User>> {
  if (context.token) return context.token
  return andThen(settings.ask(settings, context), (known) => conclude(context, known))
}

/** Asks these authenticators in order. */
export function inTurn<User extends UserLike>(authenticators: readonly Authenticator<User>[]): Ask<User> {
  return (settings, context) => ask(settings, context, authenticators, 0)
}

/**
 * Authenticates with these authenticators only. Does not change the request's own token. The returned context
 * says what was found, by which authenticator, and what was wrong.
 */
export async function authenticateBy<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  authenticators: readonly Authenticator<User>[],
): Promise<LoginContext<User> & { readonly token: UserToken<User> }> {
  for (const { needs } of authenticators) {
    if (needs && !settings.users[needs])
      throw new LatchkeyError('misuse', `\`users\` needs a method \`${needs}\`.`)
  }
  // Everything else is inherited from the request, such as what its session knows once it was read.
  const found = {
    token: undefined,
    decidedBy: undefined,
    failure: undefined,
    endReason: undefined,
    isShown: undefined,
  }
  const { request, session, address } = context
  const asked: LoginContext<User> = Object.assign(Object.create(context), {
    request,
    session,
    address,
    ...found,
  })
  const token = conclude(asked, await inTurn(authenticators)(settings, asked))
  if (asked.isShown) context.isShown = true
  return Object.assign(asked, { token })
}

/** In order, and without a promise as long as none of them needs one: the hot path of every request. */
function ask<User extends UserLike>(
  settings: IdentitySettings<User>,
  context: LoginContext<User>,
  chain: readonly Authenticator<User>[],
  from: number,
): MaybePromise<AuthenticatorResult<User>> {
  for (let i = from; i < chain.length; i++) {
    const authenticator = chain[i] as Authenticator<User>
    const answer = authenticator.authenticate(context, settings.environment as AuthenticatorEnvironment<User>)
    if (isPromise(answer))
      return answer.then(
        (result) => decided(context, authenticator, result) ?? ask(settings, context, chain, i + 1),
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
  // Whichever authenticator found them, a user who could not log in is not accepted.
  if (isUsable(result.user) && !result.user.disabled) {
    if (authenticator !== SESSION) context.isShown = true
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
    : anonymousToken(result?.reason ?? context.endReason ?? context.sessionReason ?? null)
  return context.token
}
