import { index, type RouteConfig, route } from '@react-router/dev/routes'

export default [
  index('routes/resource.ts', { id: 'home' }),
  route('document', 'routes/document.tsx', [route('child', 'routes/child.tsx')]),
  route('*', 'routes/resource.ts'),
] satisfies RouteConfig
