import { createReadStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, RequestHandler, Response } from './node/index.ts'

const FILE = new URL('node-answers.ts', import.meta.url).pathname
/** More than what any buffer between here and the client holds. */
const MEGABYTES = Array.from({ length: 64 }, (_, i) => Buffer.alloc(65_536, `${i % 10}`))

const later = (work: () => void): void => void setImmediate(work)

/** The ways in which handlers of Express and Node answer. */
export const ANSWERS: Readonly<Record<string, (req: Request, res: Response) => unknown>> = {
  'res.send of text': (_, res) => res.send('text'),
  'res.send of bytes': (_, res) => res.send(Buffer.from([0, 255, 1])),
  'res.json': (_, res) => res.status(201).json({ a: [1] }),
  'res.redirect': (_, res) => res.redirect(303, '/elsewhere'),
  'res.sendStatus': (_, res) => res.sendStatus(404),
  'res.sendFile': (_, res) => res.sendFile(FILE),
  'res.download': (_, res) => res.download(FILE),
  'res.cookie beside ours': (_, res) => res.cookie('a', '1').cookie('b', '2').send('ok'),
  'res.vary': (_, res) => res.vary('Accept').send('ok'),
  '204 without a body': (_, res) => res.status(204).end(),
  '304 without a body': (_, res) => res.status(304).end(),
  'nothing but end': (_, res) => res.end(),
  'end with text in an encoding': (_, res) => res.end('aGVsbG8=', 'base64'),
  'end with a callback': (_, res) => new Promise<void>((done) => res.end('text', done)),
  'several writes': (_, res) => {
    for (const part of ['a', 'b', 'c']) res.write(part)
    res.end('d')
  },
  'several writes, each when the last one has left': async (_, res) => {
    for (const part of ['a', 'b', 'c']) await new Promise<unknown>((done) => res.write(part, done))
    await new Promise<void>((done) => res.end(done))
  },
  'writes over several ticks': (_, res) => {
    res.write('a')
    later(() => {
      res.write('b')
      later(() => res.end('c'))
    })
  },
  'writeHead alone': (_, res) => res.writeHead(202).end('text'),
  'writeHead with a reason': (_, res) => res.writeHead(299, 'As It Were', { 'x-a': '1' }).end(),
  'writeHead with an object': (_, res) => {
    res.setHeader('X-A', 'replaced')
    res.writeHead(200, { 'x-a': '1', 'Set-Cookie': ['a=1', 'b=2'], 'Content-Length': 4 }).end('text')
  },
  'writeHead with names and values in turn': (_, res) => {
    res.writeHead(200, ['x-a', '1', 'Set-Cookie', 'a=1', 'x-b', '2', 'set-cookie', 'b=2']).end('text')
  },
  'writeHead with pairs': (_, res) => {
    // A form that Node takes and its types do not know.
    const pairs: unknown = [['x-a', '1'], ['Set-Cookie', 'a=1']] // biome-ignore format: one line
    Reflect.apply(res.writeHead, res, [200, pairs])
    res.end('text')
  },
  'a head that is flushed first': (_, res) => {
    res.setHeader('content-type', 'text/event-stream')
    res.flushHeaders()
    res.write('data: 1\n\n')
    later(() => res.end('data: 2\n\n'))
  },
  'a status after the head is no status': (_, res) => {
    res.write('text')
    res.statusCode = 500
    res.end()
  },
  'a status after the end is no status': (_, res) => {
    res.end('text')
    res.statusCode = 500
  },
  'a file that is piped': (_, res) => void createReadStream(FILE, { highWaterMark: 100 }).pipe(res),
  'megabytes that are piped': (_, res) => void Readable.from(MEGABYTES).pipe(res),
  'megabytes through a pipeline': (_, res) => pipeline(Readable.from(MEGABYTES), res),
  'megabytes by who waits for drain': (_, res) => {
    const parts = MEGABYTES.values()
    const go = (): void => {
      for (const part of parts) if (!res.write(part)) return
      res.end()
    }
    res.on('drain', go)
    go()
  },
  'a stream of the Web': (_, res) =>
    pipeline(Readable.fromWeb(new Blob([readFileSync(FILE)]).stream() as never), res),
  trailers: (_, res) => {
    res.setHeader('trailer', 'x-after')
    res.write('text')
    res.addTrailers({ 'x-after': '1' })
    res.end()
  },
  'early hints first': (_, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload' })
    res.send('text')
  },
  'an ETag': (_, res) => res.set('etag', '"x"').send('text'),
}

/** One of them, by the name in the query. */
export const answering: RequestHandler = (req, res) => {
  const answer = ANSWERS[String(req.query.as)]
  if (!answer) throw new Error(`no answer ${req.query.as}`)
  return answer(req, res)
}
