const LOOPBACK = /^http:\/\/(?:localhost|[\w.-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:\/|$)/

/** Whether a URL, as serialised by a URL parser, is plain http on this very machine. */
export function isLoopbackHttp(url: string): boolean {
  return LOOPBACK.test(url)
}
