export const version = '0.1.0'

/** The numbers of {@link version}; the fourth is 0 for a release, below it before one. Tornado: version_info. */
export const versionInfo: readonly [major: number, minor: number, patch: number, stage: number] = [0, 1, 0, 0]
