import { latchkey } from 'latchkey/node'
import type { NextApiRequest, NextApiResponse } from 'next'
import { configured } from '../../auth.ts'

const auth = latchkey(configured)

/** `false` if latchkey has answered: a request that another site has forged. */
const passes = (req: NextApiRequest, res: NextApiResponse): Promise<boolean> =>
  new Promise((resolve) => {
    res.once('close', () => resolve(false))
    auth(req, res, () => resolve(true))
  })

export default async function handler(req: NextApiRequest, res: NextApiResponse): Promise<void> {
  if (!(await passes(req, res))) return
  const current = auth.of(req)
  if (req.method === 'POST') await current.logout()
  const { userId } = await current.authenticate()
  if (userId === null) res.status(401).json({ code: 'login_required' })
  else res.json({ userId })
}
