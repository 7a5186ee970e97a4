import { redirect } from '@sveltejs/kit'

export const actions = {
  async default({ fetch, locals: { auth }, url: { searchParams } }) {
    // The session is used, and by default that renews it: the outer response has a cookie of its own.
    await auth.authenticate()
    switch (searchParams.get('do')) {
      case 'log out':
        await fetch('/logout', { method: 'POST' })
        redirect(303, '/login')
        break
      case 'write':
        await fetch('/inner/write', { method: 'POST' })
        auth.session.set('outer', 'written')
        redirect(303, '/app')
        break
      default: {
        await auth.logout()
        const shown = await fetch('/app')
        redirect(303, `/shown?page=${shown.headers.get('location') ?? 'app'}`)
      }
    }
  },
}
