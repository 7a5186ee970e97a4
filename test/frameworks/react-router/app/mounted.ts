import { createContext, type LoaderFunctionArgs, type MiddlewareFunction } from 'react-router'

type Work = (args: LoaderFunctionArgs) => unknown

/** What this app does, said by whoever asks it: the app is built once, and each test has its own auth. */
export interface Mounted {
  readonly middleware: MiddlewareFunction<Response>
  /** The resource route, which has every path that no page has. */
  readonly resource?: Work
  /** The page `/document`, and the one within it, `/document/child`. */
  readonly guard?: Work
  readonly loader?: Work
  readonly action?: Work
  readonly child?: Work
  readonly address?: string | undefined
}

export const mounted = createContext<Mounted>()
