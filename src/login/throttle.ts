import { LatchkeyError } from '../base/errors.ts'
import { checkCount, refuseUnknown } from '../base/options.ts'
import { webSha256 } from '../crypto/web-digest.ts'
import { networkOf } from '../http/ip-address.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { Limiter } from '../stores/limiter.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'

/** Limits on failed attempts at a password. Each is a whole number from 1. */
export interface ThrottleOptions {
  /** Failed attempts on one account in a window. Default 10. */
  readonly perAccount?: number
  /** Failed attempts from one address (an IPv6 /64) in a window. Default 100. */
  readonly perAddress?: number
  /** Default 900 (15 minutes). */
  readonly windowSeconds?: number
}

/** An attempt that was counted. */
export interface CountedAttempt {
  /** The seconds to wait, or 0 when it may go on. */
  readonly wait: number
  /** What it is counted under in the limiter. */
  readonly keys: readonly string[]
}

/**
 * Slows guessing down (NIST SP 800-63B, 5.2.2): by account, so that one is not guessed from many addresses, and by
 * address, so that many are not guessed from one. An attempt is counted before the password is looked at, or a
 * thousand parallel guesses would all pass; a success takes its own count back, and no more than that.
 */
export class Throttle {
  readonly #limiter: Limiter
  readonly #limits: Required<ThrottleOptions>

  /** @param limiter With a time limit on each call. */
  constructor(limiter: Limiter, options: ThrottleOptions) {
    const { perAccount = 10, perAddress = 100, windowSeconds = 900, ...unknown } = options
    refuseUnknown(unknown)
    this.#limiter = limiter
    this.#limits = { perAccount, perAddress, windowSeconds }
    for (const [name, value] of Object.entries(this.#limits)) checkCount(`throttle.${name}`, value)
  }

  /**
   * Counts an attempt: by its network, where an address is known, and then by its account. Keys are digests, so that
   * they have one length whatever a stranger sends.
   */
  async begin(account: string, address: string | undefined): Promise<CountedAttempt> {
    const { perAccount, perAddress, windowSeconds } = this.#limits
    const texts = [`account:${account}`]
    if (address !== undefined) texts.unshift(`address:${networkOf(address)}`)
    const keys = await Promise.all(texts.map((text) => webSha256(text)))
    for (const [i, key] of keys.entries()) {
      const limit = i === keys.length - 1 ? perAccount : perAddress
      const wait = await this.#limiter.consume(key, limit, windowSeconds)
      if (wait > 0) return { wait, keys }
    }
    return { wait: 0, keys }
  }

  /** Takes an attempt back that was a success, or came to no verdict. */
  async forgive(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#limiter.refund(key)
  }
}

/**
 * One attempt at a password. It is counted before it is made, or a thousand parallel guesses would all pass.
 * The count is taken back if the attempt succeeds or comes to no verdict: an outage must not lock anyone out.
 */
export async function attempt<User extends UserLike>(
  { throttle, emit }: { readonly throttle: Throttle | undefined; readonly emit: Emit<User> },
  context: LoginContext<User>,
  { account, username }: { readonly account: string; readonly username: string },
  prove: () => Promise<User | null>,
): Promise<{ readonly wait: number; readonly proven: User | null }> {
  const counted = await throttle?.begin(account, context.address)
  let wait = counted?.wait ?? 0
  let proven: User | null = null
  if (wait === 0) {
    let isWrong = false
    try {
      proven = await prove()
      isWrong = proven === null
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== 'password_queue_full') throw error
      wait = 1
    } finally {
      if (counted && !isWrong) await throttle?.forgive(counted.keys)
    }
  }
  if (!proven) emit(context, { type: wait > 0 ? 'login_throttled' : 'login_failed', username })
  return { wait, proven }
}
