import type { ErrorHandler } from 'latchkey'

export interface NextOptions {
  /**
   * The client's address, where your platform tells it in a header that nobody else can write, such as `x-real-ip`.
   * Default: unknown, since Next hides the socket; `trustProxy` of `createAuth` reads `x-forwarded-for`.
   */
  readonly address?: (request: Request) => string | undefined
  /** Told of what a route handler threw. Default: `console.error`, and an answer that says nothing. */
  readonly onError?: ErrorHandler
}
