export function install(name: string): void
export function setup(): void
