export type { Check, CheckOptions, ProxyRequest } from './check.ts'
export { latchkey, type NextAuth, type NextOptions } from './latchkey.ts'
export type { RouteContext, RouteHandler } from './route.ts'
export type { Visitor } from './visitor.ts'
