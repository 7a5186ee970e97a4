import { handler } from './app.ts'

export default { fetch: handler }
