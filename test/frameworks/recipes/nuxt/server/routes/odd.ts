import { odd } from '../../odd.ts'

export default defineEventHandler((event) => odd(authOf(event)))
