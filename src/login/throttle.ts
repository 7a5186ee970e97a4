import { callBackend } from '../base/backend.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { checkCount, refuseUnknown } from '../base/options.ts'
import { base64url } from '../crypto/base64url.ts'
import { utf8 } from '../crypto/utf8.ts'
import type { Limiter } from '../stores/limiter.ts'

export interface ThrottleOptions {
  /** Failed attempts on one account in a window. Default 10. */
  readonly perAccount?: number
  /** Failed attempts from one address (an IPv6 /64) in a window. Default 100. */
  readonly perAddress?: number
  /** Default 900 (15 minutes). */
  readonly windowSeconds?: number
}

/** The keys of one attempt in the limiter: its account, and its address where one is known. */
export type ThrottleKeys = readonly string[]

/**
 * Slows guessing down (NIST SP 800-63B, 5.2.2): by account, so that one is not guessed from many addresses, and by
 * address, so that many are not guessed from one. An attempt is counted before the password is looked at, or a
 * thousand parallel guesses would all pass; a success takes its own count back, and no more than that.
 */
export class Throttle {
  readonly #limiter: Limiter
  readonly #limits: Required<ThrottleOptions>
  readonly #timeLimitSeconds: number

  constructor(limiter: Limiter, options: ThrottleOptions, timeLimitSeconds: number) {
    const { perAccount = 10, perAddress = 100, windowSeconds = 900, ...unknown } = options
    refuseUnknown(unknown)
    this.#limiter = limiter
    this.#limits = { perAccount, perAddress, windowSeconds }
    this.#timeLimitSeconds = timeLimitSeconds
    for (const [name, value] of Object.entries(this.#limits)) checkCount(`throttle.${name}`, value)
  }

  /**
   * What an attempt is counted under: its account, and its address where one is known. Digests, so that a key has one
   * length whatever a stranger sends.
   */
  keysOf(account: string, address: string | undefined): Promise<ThrottleKeys> {
    const texts = [`account:${account}`, ...(address === undefined ? [] : [addressKey(address)])]
    return Promise.all(texts.map(digestOf))
  }

  /** Counts an attempt; the seconds to wait, or 0 when it may go on. */
  async attempt([account = '', address]: ThrottleKeys): Promise<number> {
    const { perAccount, perAddress, windowSeconds } = this.#limits
    if (address !== undefined) {
      const wait = await this.#call(() => this.#limiter.consume(address, perAddress, windowSeconds))
      if (wait > 0) return wait
    }
    return this.#call(() => this.#limiter.consume(account, perAccount, windowSeconds))
  }

  /** The attempt was a success, or came to no verdict. */
  async forgive(keys: ThrottleKeys): Promise<void> {
    for (const key of keys) await this.#call(() => this.#limiter.refund(key))
  }

  #call<T>(call: () => MaybePromise<T>): MaybePromise<T> {
    return callBackend('limiter', this.#timeLimitSeconds, call)
  }
}

async function digestOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))))
}

/** Whoever has one IPv6 address has the /64 around it. An IPv4 address in IPv6 clothes is that address. */
function addressKey(address: string): string {
  const isV6 = address.includes(':') && !address.includes('.')
  return `address:${isV6 ? network(address) : address.slice(address.lastIndexOf(':') + 1)}`
}

function network(address: string): string {
  const [left = [], right = []] = address.split('::').map((half) => half.split(':'))
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16))
    .join(':')
}
