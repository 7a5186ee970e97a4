import type { LoaderFunctionArgs } from 'react-router'
import { mounted } from '../mounted.ts'

const work = (args: LoaderFunctionArgs) => args.context.get(mounted).resource?.(args)

export const loader = work
export const action = work
