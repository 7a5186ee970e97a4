/** The subset of a Durable Object namespace (the binding) that we call. */
export interface DurableObjectNamespaceLike {
  /** Returns the id of the object with this name. */
  // biome-ignore lint/suspicious/noExplicitAny: an id is whatever this namespace gives and takes
  idFromName(name: string): any
  /** Returns a stub that sends requests to the object with this id. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(id: any): {
    fetch(
      url: string,
      init: { method: string; body: string },
    ): Promise<{ readonly ok: boolean; json(): Promise<unknown> }>
  }
}

/** Sends a call to the object with this name, and resolves to its answer. */
export async function tell(
  namespace: DurableObjectNamespaceLike,
  name: string,
  call: object,
): Promise<unknown> {
  const object = namespace.get(namespace.idFromName(name))
  const answer = await object.fetch('https://session.object/', { method: 'POST', body: JSON.stringify(call) })
  if (!answer.ok) throw new Error('The Durable Object answered with an error.')
  return answer.json()
}
