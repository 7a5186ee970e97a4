import { LatchkeyError } from '../errors.ts'
import { builtin } from './native.ts'

const MAX_WAITING = 128
const waiting: (() => void)[] = []
let running = 0
let limit = 0

/**
 * Runs password work, as many at once as there are cores; the rest waits in line. KDFs take tens of megabytes and
 * milliseconds each by design, so without a bound a burst of logins is a burst of memory.
 *
 * @throws LatchkeyError `password_queue_full` when 128 are waiting: an honest "later" beats a line that nobody sees
 * the end of.
 */
export async function queued<T>(work: () => Promise<T>): Promise<T> {
  limit ||= cores()
  if (running >= limit) {
    if (waiting.length >= MAX_WAITING) {
      throw new LatchkeyError('password_queue_full', 'Too much password work is waiting. Try again later.')
    }
    // Whoever leaves hands its place over, so `running` stays as it is.
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
