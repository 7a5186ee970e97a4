import { Patience } from '../base/ask-again.ts'
import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { FairLine } from './fair-line.ts'
import { builtin } from './native.ts'

const MAX_WAITING = 128
const waiting = /* @__PURE__ */ new FairLine(MAX_WAITING)
let running = 0
let limit = 0

/** A Worker has 128 MB for everything; one verification takes 16 to 19 MiB of that. */
const PLACES_IN_WORKERS = 4
/** Longer than any verification. Work that never ends, as in a request that Cloudflare cancels, keeps no place. */
const PLACE_MS = 10_000
/** When each place was taken, epoch milliseconds. */
let taken: number[] = []

/**
 * Runs password work, a few at a time, in turn by network. KDFs take tens of megabytes and milliseconds each by design,
 * so without a bound a burst of logins is a burst of memory; and without turns two addresses keep everybody else waiting.
 *
 * @param network Where the request comes from; `''` if that is unknown.
 * @throws LatchkeyError `password_queue_full` if no place is left: an honest "later" is better than an endless line.
 */
export function inLine<T>(network: string, work: () => MaybePromise<T>): Promise<T> {
  return 'WebSocketPair' in globalThis ? inWorkers(work) : inTurn(network, work)
}

/**
 * Workers have no line: Cloudflare cancels a request that waits for a promise which only another request can settle, and
 * all those behind it would wait forever. A request that finds no place asks again for two seconds.
 */
async function inWorkers<T>(work: () => MaybePromise<T>): Promise<T> {
  const patience = new Patience()
  for (;;) {
    const now = Date.now()
    taken = taken.filter((at) => now - at < PLACE_MS)
    if (taken.length < PLACES_IN_WORKERS) return inPlace(now, work)
    if (!(await patience.pause())) throw full()
  }
}

async function inPlace<T>(now: number, work: () => MaybePromise<T>): Promise<T> {
  taken.push(now)
  try {
    return await work()
  } finally {
    const mine = taken.indexOf(now)
    if (mine >= 0) taken.splice(mine, 1)
  }
}

/** Runs as many at once as there are cores; up to 128 more wait, places by network in turn. */
export async function inTurn<T>(network: string, work: () => MaybePromise<T>): Promise<T> {
  limit ||= cores()
  if (running >= limit) {
    // Who leaves hands the place over, so `running` stays as it is.
    await new Promise<void>((resolve, reject) =>
      waiting.join(network, { enter: resolve, turnAway: () => reject(full()) }),
    )
  } else {
    running++
  }
  let isHeld = true
  const leave = (): void => {
    if (!isHeld) return
    isHeld = false
    const next = waiting.next()
    if (next) next.enter()
    else running--
  }
  // A verifier that hangs, such as a directory that does not answer, keeps its request and not the place.
  const timer = setTimeout(leave, PLACE_MS)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
    leave()
  }
}

function cores(): number {
  const { availableParallelism } = builtin<{ availableParallelism(): number }>('node:os') ?? {}
  const navigator = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator
  return Math.max(1, availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1)
}

function full(): LatchkeyError {
  return new LatchkeyError('password_queue_full', 'Too much password work is under way. Try again later.')
}
