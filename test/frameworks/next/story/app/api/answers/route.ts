import { cookies } from 'next/headers'
import { notFound, permanentRedirect, redirect } from 'next/navigation'
import { auth } from '../../../auth.ts'

/** Writes to the session, and then ends in the way that is asked for. */
const answer = auth.route(async (request, { auth: current }) => {
  current.session.set('kept', 1)
  switch (new URL(request.url).searchParams.get('as')) {
    case 'redirect':
      return redirect('/account?a=1;b=2')
    case 'permanent':
      return permanentRedirect('/account')
    case 'not-found':
      return notFound()
    case 'cookies':
      ;(await cookies()).set('own', '1')
      return new Response('ok')
    case 'public':
      return new Response('ok', { headers: { 'cache-control': 'public, max-age=60' } })
    default:
      throw new Error('half-way')
  }
})

export { answer as GET, answer as POST }
