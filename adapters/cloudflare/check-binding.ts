import { LatchkeyError } from 'latchkey'

/** Refuses a binding that is missing when the app is built, not at the first visitor; and misspelt options. */
export function checkBinding(caller: string, method: unknown, unknown: object): void {
  if (typeof method !== 'function')
    throw new LatchkeyError(
      'invalid_configuration',
      `${caller}() takes a binding, such as env.SESSIONS. Is it in the configuration of the worker?`,
    )
  for (const name in unknown)
    throw new LatchkeyError('invalid_configuration', `No option \`${name}\`. Is it misspelt?`)
}
