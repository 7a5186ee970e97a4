import { Patience } from '../base/ask-again.ts'
import { checkCount, refuseUnknown } from '../base/options.ts'
import type { Limiter, Limits, Reservation, Settlement } from '../stores/limiter.ts'
import type { UserLike } from '../user/user.ts'
import { LimiterKeys } from './limiter-key.ts'

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

/** What a throttle counts with. */
export interface ThrottleParts {
  readonly limiter: Limiter
  readonly now: () => number
  /** Counts of another namespace are not shared. Default none. */
  readonly namespace?: string
}

/**
 * Slows guessing down (NIST SP 800-63B-4, 3.2.2): by account and network, so that whoever guesses at an account does not
 * lock its owner out; by account, so that it is not guessed from many networks; and by network, so that many accounts are
 * not guessed from one. Counted are failures: an attempt reserves before the password is looked at, and is settled after.
 */
export class Throttle {
  readonly #parts: AttemptParts

  /** @param parts `limiter`: with a time limit on each call. */
  constructor(options: ThrottleOptions, parts: ThrottleParts) {
    const { perAccount = 10, perNetwork = 100, windowSeconds = 900, ...rest } = options
    const { perAccountTotal = 10 * perAccount, ...unknown } = rest
    refuseUnknown(unknown)
    const counts = { perAccount, perAccountTotal, perNetwork, windowSeconds }
    for (const [name, value] of Object.entries(counts)) checkCount(`throttle.${name}`, value)
    const { limiter, now, namespace } = parts
    this.#parts = {
      limiter,
      now,
      keys: new LimiterKeys(namespace),
      account: { perSource: perAccount, total: perAccountTotal, windowSeconds },
      network: { perSource: perNetwork, windowSeconds },
    }
  }

  /** An attempt from this network; `''` if that is unknown. */
  async attempt(network: string): Promise<Attempt> {
    return new Attempt(this.#parts, network === '' ? '' : await this.#parts.keys.of('network', network))
  }

  /** Forgets all failed attempts at this user's account. */
  async forgive(user: UserLike): Promise<void> {
    const { limiter, keys } = this.#parts
    await limiter.forget(await keys.ofUser(user))
  }
}

interface AttemptParts {
  readonly limiter: Limiter
  readonly now: () => number
  readonly keys: LimiterKeys
  readonly account: Limits
  readonly network: Limits
}

/** A reservation that waited longer than this, in milliseconds, is made again before its password work begins. */
const RENEW_MS = 10_000

/** One attempt at a password, from its reservations to their settlement. */
export class Attempt {
  readonly #parts: AttemptParts
  readonly #network: string
  readonly #patience = new Patience()
  #held: readonly (readonly [key: string, source: string, limits: Limits])[] = []
  #heldAt = 0

  /** @param network The key of the network, `''` if it is unknown. */
  constructor(parts: AttemptParts, network: string) {
    this.#parts = parts
    this.#network = network
  }

  /** Reserves for the network. Returns the seconds to wait, 0 if the attempt may go on. */
  async reserveNetwork(): Promise<number> {
    return this.#network === '' ? 0 : this.#reserve(this.#network, '', this.#parts.network)
  }

  /**
   * The same for the account: by the user's id, so that one that is known by two names has one count; or by the name of
   * one that does not exist.
   */
  async reserveAccount(user: UserLike | null, name: string): Promise<number> {
    const { keys, account } = this.#parts
    const key = await (user ? keys.ofUser(user) : keys.of('name', name))
    return this.#reserve(key, this.#network, account)
  }

  /**
   * Called when password work begins. An attempt that stood in line for long may have been forgotten as one that its
   * process left; so it gives its places back and asks for new ones, once.
   */
  async renew(): Promise<number> {
    if (this.#parts.now() - this.#heldAt < RENEW_MS) return 0
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
        const isNetwork = limits === this.#parts.network
        await this.#parts.limiter.settle(key, source, isNetwork && as === 'success' ? 'nothing' : as, limits)
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
    const { waitSeconds, pending } = await this.#parts.limiter.reserve(key, source, limits)
    // Fails closed: nothing but 0 admits.
    if (waitSeconds !== 0) return { waitSeconds: Math.max(1, waitSeconds || 1), ...(pending && { pending }) }
    this.#held = [...this.#held, [key, source, limits]]
    this.#heldAt = this.#parts.now()
    return { waitSeconds }
  }
}
