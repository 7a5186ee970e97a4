export { type IronSessionLike, type IronSessionStore, ironSession } from './iron-session.ts'
