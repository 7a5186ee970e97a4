export function install(name: 'engines' | 'runtimes' | 'recipes'): void
export function setup(): void
