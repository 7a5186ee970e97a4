/** One who waits. */
export interface Waiter {
  /** It is their turn. */
  enter(): void
  /** There is no room for them. */
  turnAway(): void
}

/** A line in which groups take turns: a group that sends many lets nobody else wait for more than one of them. */
export class FairLine {
  readonly #most: number
  /** Groups in order of their turns, each with those who wait, oldest first. */
  readonly #groups = new Map<string, Waiter[]>()
  #waiting = 0

  /** @param most How many may wait in all. */
  constructor(most: number) {
    this.#most = most
  }

  /** Waits. When there are too many, the group with the most loses its last: perhaps this one. */
  join(group: string, waiter: Waiter): void {
    const own = this.#groups.get(group) ?? []
    own.push(waiter)
    this.#groups.set(group, own)
    this.#waiting++
    if (this.#waiting > this.#most) this.#turnOneAway(group, own)
  }

  #turnOneAway(name: string, own: Waiter[]): void {
    let [largest, most] = [name, own]
    for (const [group, waiters] of this.#groups)
      if (waiters.length > most.length) [largest, most] = [group, waiters]
    const last = most.pop()
    if (most.length === 0) this.#groups.delete(largest)
    this.#waiting--
    last?.turnAway()
  }

  /** Takes the next out of the line. */
  next(): Waiter | undefined {
    for (const [group, waiters] of this.#groups) {
      const first = waiters.shift()
      // Its next turn comes after all the others.
      this.#groups.delete(group)
      if (waiters.length > 0) this.#groups.set(group, waiters)
      this.#waiting--
      return first
    }
    return undefined
  }
}
