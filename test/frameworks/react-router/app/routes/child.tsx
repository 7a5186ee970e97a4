import { type LoaderFunctionArgs, useLoaderData } from 'react-router'
import { mounted } from '../mounted.ts'

export const loader = (args: LoaderFunctionArgs) => args.context.get(mounted).child?.(args) ?? null

export default function Child() {
  return <p>child: {JSON.stringify(useLoaderData())}</p>
}
