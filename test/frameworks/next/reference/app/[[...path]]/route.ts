type Handler = (request: Request, context: { readonly params: Promise<unknown> }) => Promise<Response>

/** Whoever serves this app has put a handler here, made by `latchkey(auth).route`. */
declare global {
  var latchkeyReference: Handler
}

const handle: Handler = (request, context) => globalThis.latchkeyReference(request, context)

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT }
