import { says } from '../../../says.ts'

const handle = says('PROTECTED')

export { handle as DELETE, handle as GET, handle as POST }
