import { Patience } from '../base/ask-again.ts'
import { checkCount, refuseUnknown } from '../base/options.ts'
import type { Limiter, Limits, Reservation, Settlement } from '../stores/limiter.ts'
import type { UserLike } from '../user/user.ts'
import { limiterKey, userKey } from './limiter-key.ts'

/** Limits on failed attempts at a password. Each is a whole number from 1. */
export interface ThrottleOptions {
  /** Failed attempts on one account from one network in a window. Default 10. */
  readonly perAccount?: number
  /** Failed attempts on one account in a window, from all networks. Default ten times `perAccount`. */
  readonly perAccountTotal?: number
  /** Failed attempts from one network (an IPv4 address, an IPv6 /64) in a window. Default 100. */
  readonly perNetwork?: number
  /** How long a window lasts, in seconds. It begins with the first attempt. Default 900 (15 minutes). */
  readonly windowSeconds?: number
}

/**
 * Slows guessing down (NIST SP 800-63B-4, 3.2.2): by account and network, so that whoever guesses at an account does not
 * lock its owner out; by account, so that it is not guessed from many networks; and by network, so that many accounts are
 * not guessed from one. Counted are failures: an attempt reserves before the password is looked at, and is settled after.
 */
export class Throttle {
  readonly #limiter: Limiter
  readonly #now: () => number
  readonly #account: Limits
  readonly #network: Limits

  /** @param limiter With a time limit on each call. */
  constructor(limiter: Limiter, options: ThrottleOptions, now: () => number) {
    const { perAccount = 10, perNetwork = 100, windowSeconds = 900, ...rest } = options
    const { perAccountTotal = 10 * perAccount, ...unknown } = rest
    refuseUnknown(unknown)
    const counts = { perAccount, perAccountTotal, perNetwork, windowSeconds }
    for (const [name, value] of Object.entries(counts)) checkCount(`throttle.${name}`, value)
    this.#limiter = limiter
    this.#now = now
    this.#account = { perSource: perAccount, total: perAccountTotal, windowSeconds }
    this.#network = { perSource: perNetwork, windowSeconds }
  }

  /** An attempt from this network; `''` if that is unknown. */
  async attempt(network: string): Promise<Attempt> {
    const key = network === '' ? '' : await limiterKey('network', network)
    return new Attempt(this.#limiter, key, { account: this.#account, network: this.#network }, this.#now)
  }

  /** Forgets all failed attempts at this user's account. */
  async forgive(user: UserLike): Promise<void> {
    await this.#limiter.forget(await userKey(user))
  }
}

/** A reservation that waited longer than this, in milliseconds, is made again before its password work begins. */
const RENEW_MS = 10_000

/** One attempt at a password, from its reservations to their settlement. */
export class Attempt {
  readonly #limiter: Limiter
  readonly #network: string
  readonly #limits: { readonly account: Limits; readonly network: Limits }
  readonly #now: () => number
  readonly #patience = new Patience()
  #held: readonly (readonly [key: string, source: string, limits: Limits])[] = []
  #heldAt = 0

  /** @param network The key of the network, `''` if it is unknown. */
  constructor(
    limiter: Limiter,
    network: string,
    limits: { readonly account: Limits; readonly network: Limits },
    now: () => number,
  ) {
    this.#limiter = limiter
    this.#network = network
    this.#limits = limits
    this.#now = now
  }

  /** Reserves for the network. Returns the seconds to wait, 0 if the attempt may go on. */
  async reserveNetwork(): Promise<number> {
    return this.#network === '' ? 0 : this.#reserve(this.#network, '', this.#limits.network)
  }

  /** The same for the account with this key. */
  reserveAccount(key: string): Promise<number> {
    return this.#reserve(key, this.#network, this.#limits.account)
  }

  /**
   * Called when password work begins. An attempt that stood in line for long may have been forgotten as one that its
   * process left; so it gives its places back and asks for new ones, once.
   */
  async renew(): Promise<number> {
    if (this.#now() - this.#heldAt < RENEW_MS) return 0
    const held = this.#held
    await this.settle('nothing')
    for (const [key, source, limits] of held) {
      const { waitSeconds } = await this.#ask(key, source, limits)
      if (waitSeconds > 0) return waitSeconds
    }
    return 0
  }

  /** Says how it ended. A success clears the count of this account from this network, and nothing else. */
  async settle(as: Settlement): Promise<void> {
    const held = this.#held
    this.#held = []
    await Promise.all(
      held.map(async ([key, source, limits]) => {
        const isNetwork = limits === this.#limits.network
        await this.#limiter.settle(key, source, isNetwork && as === 'success' ? 'nothing' : as, limits)
      }),
    )
  }

  async #reserve(key: string, source: string, limits: Limits): Promise<number> {
    for (;;) {
      const { waitSeconds, pending } = await this.#ask(key, source, limits)
      if (!pending || !(await this.#patience.pause())) return waitSeconds
    }
  }

  async #ask(key: string, source: string, limits: Limits): Promise<Reservation> {
    const { waitSeconds, pending } = await this.#limiter.reserve(key, source, limits)
    // Fails closed: nothing but 0 admits.
    if (waitSeconds !== 0) return { waitSeconds: Math.max(1, waitSeconds || 1), ...(pending && { pending }) }
    this.#held = [...this.#held, [key, source, limits]]
    this.#heldAt = this.#now()
    return { waitSeconds }
  }
}
