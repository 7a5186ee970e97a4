export const POST = ({ locals: { auth } }) => {
  auth.session.set('note', 'written')
  return new Response(null, { status: 303, headers: { location: '/app' } })
}
