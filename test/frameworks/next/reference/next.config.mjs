import path from 'node:path'

/** @type {import('next').NextConfig} */
export default {
  turbopack: { root: path.resolve(import.meta.dirname, '../../../..') },
  // The routes of the reference app are exact: `/hooks/` is another path than `/hooks`.
  skipTrailingSlashRedirect: true,
}
