/** The key of a value in React Router's context, as `createContext` makes it: any object. */
export interface RouterContextKey<T> {
  /** The value of the key before it is set; without it, `get` throws. */
  defaultValue?: T
}

/** The subset of React Router's `RouterContextProvider` that we call. */
export interface RouterContext {
  /** Returns the value of a key. */
  get<T>(key: RouterContextKey<T>): T
  /** Sets the value of a key for this request. */
  set<T>(key: RouterContextKey<T>, value: T): void
}

/** The subset of the arguments of a loader, an action or a middleware that we read. */
export interface RouterArgs {
  /** The request as it arrived. */
  readonly request: Request
  /** The URL of the page. The request's own URL may be that of the page's data: `/app.data?_routes=…`. */
  readonly url: URL
  /** The values that middleware has set for this request. */
  readonly context: RouterContext
}
