import type { ErrorHandler } from 'latchkey'

/** The options of `latchkey`. */
export interface NextOptions {
  /**
   * Returns the client's address, if your platform sends it in a header that clients cannot forge, such as
   * `x-real-ip`. Default: unknown, since Next hides the socket; `trustProxy` of `createAuth` reads
   * `x-forwarded-for`.
   */
  readonly address?: (request: Request) => string | undefined
  /**
   * Called with what a route handler threw; may return the response. Default: logs to `console.error`, and
   * responds without details: 503 for a broken backend, otherwise 500.
   */
  readonly onError?: ErrorHandler
}
