import { misconfigured, refuseUnknown } from 'latchkey/adapter'

/** Throws at start-up, not at the first request, if the binding is missing or an option is misspelt. */
export function checkBinding(caller: string, method: unknown, unknown: object): void {
  if (typeof method !== 'function')
    misconfigured(
      `${caller}() takes a binding, such as env.SESSIONS. Check that the Worker's configuration declares it.`,
    )
  refuseUnknown(unknown)
}
