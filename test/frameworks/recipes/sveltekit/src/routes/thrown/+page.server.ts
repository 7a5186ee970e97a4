export const load = ({ locals: { auth } }) => {
  auth.session.set('note', 'written')
  throw new Error('on purpose')
}
