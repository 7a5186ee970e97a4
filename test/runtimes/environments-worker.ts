import { handle } from './environments.ts'

export default { fetch: handle }
