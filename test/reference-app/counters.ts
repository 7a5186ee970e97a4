/** How often the library called what, since the last reset. */
export class Counters {
  readonly counts: Record<string, number> = {}
  readonly guards: string[] = []

  constructor() {
    this.reset()
  }

  reset(): void {
    const names = ['verify', 'hash', 'findById', 'findByUsername', 'findByToken']
    for (const name of [...names, 'storeRead', 'storeCreate', 'storeUpdate', 'storeDelete'])
      this.counts[name] = 0
    this.guards.length = 0
  }

  add(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }
}
