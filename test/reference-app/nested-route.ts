import type { Visit } from './app.ts'
import { json, refused } from './http.ts'

/** A handler that runs another one of the same app for the same request, and answers itself. */
export async function nested({ world, request, url, auth, nest }: Visit): Promise<Response> {
  const outer = url.searchParams.get('outer')
  if (outer === 'write') auth.session.set('outer', 1)
  else if (outer === 'read') await auth.authenticate()
  else return refused(request, 400, 'bad_request')
  const work = INNER[url.searchParams.get('do') ?? '']
  if (!work) return refused(request, 400, 'bad_request')
  await nest(async (inner) => {
    await work(inner, world)
    return json({ ok: true })
  })
  const { userId } = await auth.authenticate()
  return json({ ok: true, user: userId })
}

const INNER: Readonly<
  Record<string, (auth: Visit['auth'], world: Visit['world']) => Promise<unknown> | undefined>
> = {
  logout: (auth) => auth.logout(),
  login: async (auth, world) => {
    const bob = world.users.byUsername('bob')
    if (bob) await auth.loginUser(structuredClone(bob))
  },
  write: async (auth) => auth.session.set('inner', 1),
}
