/** React Router's key of a value in its context: any object. */
export interface RouterContextKey<T> {
  defaultValue?: T
}

/** What is used of React Router's `RouterContextProvider`. */
export interface RouterContext {
  get<T>(key: RouterContextKey<T>): T
  set<T>(key: RouterContextKey<T>, value: T): void
}

/** What is used of the arguments of a loader, an action or a middleware. */
export interface RouterArgs {
  readonly request: Request
  /** The page. The request's own URL may be that of its data: `/app.data?_routes=…`. */
  readonly url: URL
  readonly context: RouterContext
}
