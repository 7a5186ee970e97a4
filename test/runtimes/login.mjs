// What a user's first file says, in whatever runtime: run in a folder that latchkey is installed in.
import { createAuth, memoryUsers } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { pbkdf2 } from 'latchkey/password'
import { TestBrowser } from 'latchkey/testing'

const passwords = pbkdf2({ iterations: 100_000 })
const user = { id: 7, hashedPassword: await passwords.hash('open sesame') }
const users = memoryUsers([{ user, username: 'ali' }])
const auth = createAuth({ secret: 'a secret of more than thirty-two bytes', users, passwords })
const handle = withAuth(auth, async (request, { auth }) => {
  if (request.url.endsWith('/in')) return Response.json(await auth.login('ali', 'open sesame'))
  if (request.url.endsWith('/out')) await auth.logout()
  return Response.json((await auth.authenticate()).userId)
})
const browser = new TestBrowser(handle, 'https://app.test')
await browser.post('/in')
const inside = await (await browser.get('/')).json()
await browser.post('/out')
console.log(inside, await (await browser.get('/')).json())
