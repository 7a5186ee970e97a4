import type { CallBackend } from '../base/backend.ts'
import { checkCount, refuseUnknown } from '../base/options.ts'
import { webSha256 } from '../crypto/web-digest.ts'
import { networkOf } from '../http/ip-address.ts'
import type { Limiter } from '../stores/limiter.ts'

/** Limits on failed attempts at a password. Each is a whole number from 1. */
export interface ThrottleOptions {
  /** Failed attempts on one account in a window. Default 10. */
  readonly perAccount?: number
  /** Failed attempts from one address (an IPv6 /64) in a window. Default 100. */
  readonly perAddress?: number
  /** Default 900 (15 minutes). */
  readonly windowSeconds?: number
}

/** What one attempt is counted under in the limiter, in the order in which it is asked. */
export type ThrottleCounts = readonly { readonly key: string; readonly limit: number }[]

/**
 * Slows guessing down (NIST SP 800-63B, 5.2.2): by account, so that one is not guessed from many addresses, and by
 * address, so that many are not guessed from one. An attempt is counted before the password is looked at, or a
 * thousand parallel guesses would all pass; a success takes its own count back, and no more than that.
 */
export class Throttle {
  readonly #limiter: Limiter
  readonly #limits: Required<ThrottleOptions>
  readonly #call: CallBackend

  constructor(limiter: Limiter, options: ThrottleOptions, call: CallBackend) {
    const { perAccount = 10, perAddress = 100, windowSeconds = 900, ...unknown } = options
    refuseUnknown(unknown)
    this.#limiter = limiter
    this.#limits = { perAccount, perAddress, windowSeconds }
    this.#call = call
    for (const [name, value] of Object.entries(this.#limits)) checkCount(`throttle.${name}`, value)
  }

  /**
   * What an attempt is counted under: its network, where an address is known, and then its account. Digests, so that a
   * key has one length whatever a stranger sends.
   */
  countsOf(account: string, address: string | undefined): Promise<ThrottleCounts> {
    const { perAccount, perAddress } = this.#limits
    const counts: [text: string, limit: number][] = [[`account:${account}`, perAccount]]
    if (address !== undefined) counts.unshift([`address:${networkOf(address)}`, perAddress])
    return Promise.all(counts.map(async ([text, limit]) => ({ key: await webSha256(text), limit })))
  }

  /** Counts an attempt. Returns the seconds to wait, or 0 when it may go on. */
  async attempt(counts: ThrottleCounts): Promise<number> {
    for (const { key, limit } of counts) {
      const wait = await this.#call('limiter', () =>
        this.#limiter.consume(key, limit, this.#limits.windowSeconds),
      )
      if (wait > 0) return wait
    }
    return 0
  }

  /** Takes an attempt back that was a success, or came to no verdict. */
  async forgive(counts: ThrottleCounts): Promise<void> {
    for (const { key } of counts) await this.#call('limiter', () => this.#limiter.refund(key))
  }
}
