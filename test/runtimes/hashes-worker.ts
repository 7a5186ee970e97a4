import { make, refused } from './hashes.ts'

/** As a worker: makes hashes of a password, or verifies the ones that it is given. */
export default {
  async fetch(request: Request): Promise<Response> {
    const [password = '', ...hashes] = (await request.json()) as string[]
    return Response.json(hashes.length === 0 ? await make(password) : await refused(password, hashes))
  },
}
