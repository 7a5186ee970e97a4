import { logIn } from '../../actions.ts'

export default () => (
  <form id="logIn" action={logIn}>
    <button type="submit">Log in</button>
  </form>
)
