import { withAuth } from 'latchkey/fetch'
import { auth } from './auth.ts'
import { appPage, loginPage, redirect } from './pages.ts'

export const handler = withAuth(
  auth,
  async (request, { auth }) => {
    const { pathname, searchParams } = new URL(request.url)
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        return redirect('/app')

      case 'GET /login':
        return loginPage(searchParams)

      case 'POST /login': {
        const form = await request.formData()
        const outcome = await auth.login(form.get('email'), form.get('password'))
        return redirect(
          outcome.ok ? auth.safeRedirectPath(form.get('next'), '/app') : `/login?error=${outcome.code}`,
        )
      }

      case 'POST /logout':
        await auth.logout()
        return redirect('/login')

      case 'GET /app': {
        const { user } = await auth.authenticate()
        return user ? appPage(user.displayName) : redirect('/login?next=/app')
      }

      default:
        return new Response('Not found', { status: 404 })
    }
  },
  { address: (_: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => info.remoteAddr.hostname },
)
