/** A member of one {@link LinkedList}. */
export interface Link<T> {
  readonly value: T
  list?: LinkedList<T> | undefined
  previous?: Link<T> | undefined
  next?: Link<T> | undefined
}

/**
 * A list in order of arrival. Adding, removing and finding the first take constant time, in any order of calls; a map
 * finds its first key by skipping all keys that were deleted before it.
 */
export class LinkedList<T> {
  #first: Link<T> | undefined
  #last: Link<T> | undefined

  get first(): T | undefined {
    return this.#first?.value
  }

  /** The first that is not this one. */
  firstOtherThan(value: T): T | undefined {
    const first = this.#first
    return first?.value === value ? first.next?.value : first?.value
  }

  /** Adds it at the end. A link that is in a list moves. */
  append(link: Link<T>): void {
    link.list?.remove(link)
    link.list = this
    link.previous = this.#last
    if (this.#last) this.#last.next = link
    else this.#first = link
    this.#last = link
  }

  /** Takes it out, if it is in this list. */
  remove(link: Link<T>): void {
    if (link.list !== this) return
    const { previous, next } = link
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    else this.#last = previous
    link.list = link.previous = link.next = undefined
  }
}
