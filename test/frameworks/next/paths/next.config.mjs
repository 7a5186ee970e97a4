import path from 'node:path'

/** @type {import('next').NextConfig} */
export default {
  turbopack: { root: path.resolve(import.meta.dirname, '../../../..') },
  // A language that is taken off the path before a route is looked for.
  rewrites: async () => [{ source: '/de/:path*', destination: '/:path*' }],
}
