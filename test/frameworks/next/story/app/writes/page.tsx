import { auth } from '../../auth.ts'

const WRITES = ['login', 'loginUser', 'logout', 'reauthenticate', 'passwordChanged', 'request'] as const
const SESSION_WRITES = ['set', 'clear', 'regenerateId'] as const

/** What becomes of each attempt to write while rendering. */
export default async () => {
  const visitor = await auth.current()
  return (
    <pre id="answers">
      {JSON.stringify([
        ...WRITES.map((name) => attempt(visitor, name)),
        ...SESSION_WRITES.map((name) => attempt(visitor.session, name)),
      ])}
    </pre>
  )
}

function attempt(target: object, name: string): unknown {
  try {
    return Reflect.get(target, name)()
  } catch (error) {
    return error instanceof Error && 'code' in error ? [name, error.name, error.code] : String(error)
  }
}
