import { says } from '../says.ts'

const handle = says('public')

export { handle as DELETE, handle as GET, handle as POST }
