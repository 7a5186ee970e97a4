import { misconfigured, refuseUnknown } from 'latchkey/adapter'

/** Throws for a binding that is missing when the app is built, not at the first visitor; and for misspelt options. */
export function checkBinding(caller: string, method: unknown, unknown: object): void {
  if (typeof method !== 'function')
    misconfigured(
      `${caller}() takes a binding, such as env.SESSIONS. Is it in the configuration of the worker?`,
    )
  refuseUnknown(unknown)
}
