import type { Profile, Scenario } from './scenario.ts'

export const BETTER: Record<string, (scenario: Scenario, profile: Profile) => Promise<void>> = {}
