type Handler = (request: Request, context: { readonly params: Promise<unknown> }) => Promise<Response>

/** Whoever serves this app has put here what makes a handler with `latchkey(auth).route`. */
declare global {
  var latchkeyPaths: (says: string) => Handler
}

/** A handler without a check of its own. */
export const says =
  (text: string): Handler =>
  (request, context) =>
    globalThis.latchkeyPaths(text)(request, context)
