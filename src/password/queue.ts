import { LatchkeyError } from '../base/errors.ts'
import { builtin } from './native.ts'

const MAX_WAITING = 128
const waiting: (() => void)[] = []
let running = 0
let limit = 0

/** A Worker has 128 MB for everything; one verification takes 16 to 19 MiB of that. */
const PLACES_IN_WORKERS = 4
/** Longer than any verification. A request that Cloudflare cancels never gives its place back. */
const PLACE_MS = 10_000
/** When each place was taken, epoch milliseconds. */
let taken: number[] = []

/**
 * Runs password work, a few at a time. KDFs take tens of megabytes and milliseconds each by design, so
 * without a bound a burst of logins is a burst of memory.
 *
 * @throws LatchkeyError `password_queue_full` if no place is left: an honest "later" is better than an
 * endless line.
 */
export function queued<T>(work: () => Promise<T>): Promise<T> {
  return 'WebSocketPair' in globalThis ? inWorkers(work) : inLine(work)
}

/**
 * Workers have no line: Cloudflare cancels a request that waits for a promise which only another request can
 * settle, and all those behind it would wait forever.
 */
async function inWorkers<T>(work: () => Promise<T>): Promise<T> {
  const now = Date.now()
  taken = taken.filter((at) => now - at < PLACE_MS)
  if (taken.length >= PLACES_IN_WORKERS) throw full()
  taken.push(now)
  try {
    return await work()
  } finally {
    const mine = taken.indexOf(now)
    if (mine >= 0) taken.splice(mine, 1)
  }
}

/** Runs as many at once as there are cores; up to 128 more wait in line. */
export async function inLine<T>(work: () => Promise<T>): Promise<T> {
  limit ||= cores()
  if (running >= limit) {
    if (waiting.length >= MAX_WAITING) throw full()
    // Work that ends hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running++
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
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
