/** The pauses between two questions, in milliseconds: 2 s in all. */
const PAUSES = [10, 20, 30, 50, 80, 110, 140, 160, ...Array<number>(7).fill(200)]

/**
 * How long one request asks again for a place that others hold: 2 s in all, however often it asks and for what. By
 * timers of its own, since a request of a Worker must not wait for another one, and by no clock that could stand still.
 */
export class Patience {
  #pauses = 0

  /** Waits for a moment. Resolves to `false`, at once, when no time is left. */
  async pause(): Promise<boolean> {
    const ms = PAUSES[this.#pauses++]
    if (ms === undefined) return false
    await new Promise((resolve) => setTimeout(resolve, ms))
    return true
  }
}
