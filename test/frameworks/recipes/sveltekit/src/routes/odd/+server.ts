import { odd } from '../../../odd.ts'

export const GET = ({ locals: { auth } }) => odd(auth)
export const POST = GET
