export { type FetchContext, type FetchHandler, type FetchOptions, withAuth } from './with-auth.ts'
