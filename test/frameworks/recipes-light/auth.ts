import { createAuth, memoryUsers } from 'latchkey'
import { plain } from '../../app.ts'

export interface User {
  readonly id: string
  readonly displayName: string
  readonly hashedPassword: string
}

const user: User = { id: 'ada', displayName: 'Ada', hashedPassword: 'plain:correct horse battery staple' }

export const auth = createAuth({
  secret: crypto.randomUUID() + crypto.randomUUID(),
  users: memoryUsers([{ username: 'ada@example.com', user }]),
  passwords: plain,
})
