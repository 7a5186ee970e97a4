import {
  type LoaderFunctionArgs,
  type MiddlewareFunction,
  Outlet,
  useActionData,
  useLoaderData,
} from 'react-router'
import { mounted } from '../mounted.ts'

export const middleware: MiddlewareFunction<Response>[] = [
  async (args) => {
    await args.context.get(mounted).guard?.(args)
  },
]
export const loader = (args: LoaderFunctionArgs) => args.context.get(mounted).loader?.(args) ?? null
export const action = (args: LoaderFunctionArgs) => args.context.get(mounted).action?.(args) ?? null

export default function Document() {
  const loaded = useLoaderData()
  const acted = useActionData()
  return (
    <main>
      <p>loader: {JSON.stringify(loaded)}</p>
      <p>action: {JSON.stringify(acted ?? null)}</p>
      <Outlet />
    </main>
  )
}
