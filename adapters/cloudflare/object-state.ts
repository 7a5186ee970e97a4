/** The subset of a Durable Object's state that we call. */
export interface DurableObjectStateLike {
  /** The object's own storage: values by key, and one alarm. */
  readonly storage: {
    get(key: string): Promise<unknown>
    put(key: string, value: unknown): Promise<void>
    delete(keys: string[]): Promise<number>
    deleteAll(): Promise<void>
    deleteAlarm(): Promise<void>
    list(options: { prefix: string }): Promise<Map<string, unknown>>
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
  }
}
