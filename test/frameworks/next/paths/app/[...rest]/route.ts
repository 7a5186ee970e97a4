import { says } from '../../says.ts'

const handle = says('OTHER')

export { handle as DELETE, handle as GET, handle as POST }
