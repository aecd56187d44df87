export const version = '0.0.0'

/** The numbers of {@link version}; the fourth is 0 for a release, below it before one. Tornado: version_info. */
export const versionInfo: readonly [major: number, minor: number, patch: number, stage: number] =
  toInfo(version)

function toInfo(text: string): [number, number, number, number] {
  const [release = '', stage] = text.split('-')
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number)
  return [major, minor, patch, stage === undefined ? 0 : -1]
}
