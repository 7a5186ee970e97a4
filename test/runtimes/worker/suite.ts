import { runFile } from './vitest.ts'

/** A worker that runs one file of tests per request: `?file=…`. */
export function suiteWorker(files: Readonly<Record<string, () => Promise<unknown>>>): {
  fetch(request: Request): Promise<Response>
} {
  return {
    async fetch(request) {
      const file = new URL(request.url).searchParams.get('file') ?? ''
      const load = files[file]
      if (!load) return new Response(null, { status: 404 })
      return Response.json(await runFile(file, load))
    },
  }
}
